// An application with OpenTelemetry's instrumentation of the OpenAI client: one answer, one embedding, one failure.
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');

const headers = { authorization: `Bearer ${process.env.TOKEN}` };
const tracerProvider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${process.env.PORTAL}v1/traces`, headers, compression: 'gzip' }))],
});
const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${process.env.PORTAL}v1/metrics`, headers }), exportIntervalMillis: 60000 })],
});
tracerProvider.register();
registerInstrumentations({ tracerProvider, meterProvider, instrumentations: [new OpenAIInstrumentation()] });

const OpenAI = require('openai');

(async () => {
  const client = new OpenAI({ apiKey: 'sk-of-a-test', baseURL: `${process.env.MODEL}v1`, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'hi' }];
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
  await client.chat.completions.create({ model: 'broken', messages }).catch(() => {});
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
})().catch((error) => { console.error(error); process.exit(1); });
