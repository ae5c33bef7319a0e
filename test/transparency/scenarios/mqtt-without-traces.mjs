// packages: mqtt
// services: mosquitto
// env: OTEL_TRACES_EXPORTER=none
// without-spans: traces are switched off: a message of MQTT 5 is sent as it was given
export { default } from './mqtt.mjs'
