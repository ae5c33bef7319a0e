import protobuf from 'protobufjs'

/**
 * The fields this package writes, of Prometheus' public schema
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
const SCHEMA = `
syntax = "proto2";
enum MetricType { COUNTER = 0; GAUGE = 1; SUMMARY = 2; UNTYPED = 3; HISTOGRAM = 4; GAUGE_HISTOGRAM = 5; }
message LabelPair { optional string name = 1; optional string value = 2; }
message Timestamp { optional int64 seconds = 1; optional int32 nanos = 2; }
message Exemplar { repeated LabelPair label = 1; optional double value = 2; optional Timestamp timestamp = 3; }
message Gauge { optional double value = 1; }
message Counter { optional double value = 1; optional Exemplar exemplar = 2; optional Timestamp created_timestamp = 3; }
message Bucket { optional uint64 cumulative_count = 1; optional double upper_bound = 2; optional Exemplar exemplar = 3; }
message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
message Histogram {
  optional uint64 sample_count = 1;
  optional double sample_sum = 2;
  repeated Bucket bucket = 3;
  optional sint32 schema = 5;
  optional double zero_threshold = 6;
  optional uint64 zero_count = 7;
  repeated BucketSpan negative_span = 9;
  repeated sint64 negative_delta = 10;
  repeated BucketSpan positive_span = 12;
  repeated sint64 positive_delta = 13;
  optional Timestamp created_timestamp = 15;
  repeated Exemplar exemplars = 16;
}
message Metric {
  repeated LabelPair label = 1;
  optional Gauge gauge = 2;
  optional Counter counter = 3;
  optional Histogram histogram = 7;
}
message MetricFamily {
  optional string name = 1;
  optional string help = 2;
  optional MetricType type = 3;
  repeated Metric metric = 4;
  optional string unit = 5;
}`

export interface DecodedMetric {
  readonly label?: { readonly name: string; readonly value: string }[]
  readonly gauge?: { readonly value: number }
  readonly counter?: Record<string, unknown>
  readonly histogram?: Record<string, unknown>
}

export interface DecodedFamily {
  readonly name: string
  readonly help?: string
  readonly type: string
  readonly unit?: string
  readonly metric: DecodedMetric[]
}

const MetricFamily = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('MetricFamily')

export function decodeFamilies(bytes: Buffer): DecodedFamily[] {
  const reader = protobuf.Reader.create(bytes)
  const families: DecodedFamily[] = []
  while (reader.pos < reader.len) {
    const family = MetricFamily.decodeDelimited(reader)
    families.push(MetricFamily.toObject(family, { longs: Number, enums: String }) as DecodedFamily)
  }
  return families
}
