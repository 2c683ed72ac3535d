// Portkey's gateway listens on every address and has no setting for that: whatever asks for a port gets it on this machine only.
const { Server } = require('node:net');

const listen = Server.prototype.listen;
Server.prototype.listen = function (where, ...rest) {
  return typeof where === 'object' && where !== null
    ? listen.call(this, { ...where, host: '127.0.0.1' }, ...rest)
    : listen.call(this, where, '127.0.0.1', ...rest.filter((r) => typeof r === 'function'));
};
