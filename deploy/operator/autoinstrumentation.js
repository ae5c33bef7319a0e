// The operator sets NODE_OPTIONS=--require /otel-auto-instrumentation-nodejs/autoinstrumentation.js. The preload hooks ES modules
// from there as well, so nothing else is needed for them.
require('@paxx/obs/register')
