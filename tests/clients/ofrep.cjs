// An application that asks by OpenFeature: one flag by the SDK, with a caller's default, and all of them by the protocol's own client.
const { OpenFeature } = require('@openfeature/server-sdk');
const { OFREPProvider } = require('@openfeature/ofrep-provider');
const { OFREPApi } = require('@openfeature/ofrep-core');

const headers = [['Authorization', `Bearer ${process.env.TOKEN}`]];

(async () => {
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: process.env.PORTAL, headers, timeoutMs: 5000 }));
  const one = await OpenFeature.getClient().getBooleanDetails(process.env.FLAG, false, { targetingKey: 'request-1' });
  const unknown = await OpenFeature.getClient().getBooleanDetails('UC-9999', false, { targetingKey: 'request-1' });
  const api = new OFREPApi(process.env.PORTAL);
  const context = { targetingKey: 'request-1' };
  const all = await api.postBulkEvaluateFlags({ context }, { headers });
  const again = await api.postBulkEvaluateFlags({ context }, { headers: [...headers, ['If-None-Match', all.httpResponse.headers.get('etag')]] });
  const flag = all.value.flags.find((f) => f.key === process.env.FLAG);
  console.log(JSON.stringify({
    one: one.value, reason: one.flagMetadata.reason, unknown: unknown.errorCode, bulkStatus: all.httpStatus, bulk: flag.value, again: again.httpStatus,
  }));
  await OpenFeature.close();
})().catch((error) => { console.error(error); process.exit(1); });
