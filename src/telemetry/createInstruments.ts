/** The instruments of prom-client: name, help, labels and buckets of every `watchword_` metric. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Seconds: from a cached answer on a GPU to ViT-L on a small board. */
const INFERENCE_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
const STAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

export type Instruments = ReturnType<typeof createInstruments>

const CALIBRATION_HELP = 'What decides the scores: 0 prior, 1 learning, 2 learned, 3 common, 4 model.'

export function createInstruments(registry: Registry) {
  const { counter, gauge, histogram } = createMakers(registry)
  return {
    inference: histogram(
      'inference_seconds',
      'Time one batch took in the model, in seconds; shadows included.',
      ['variant'],
      INFERENCE_BUCKETS,
    ),
    batchSize: histogram('inference_batch_size', 'Images in a batch; shadows included.', ['variant'], BATCH_BUCKETS),
    stage: histogram('stage_seconds', 'Time a frame or change spent in a stage, in seconds.', ['stage'], STAGE_BUCKETS),
    eventLatency: histogram(
      'event_latency_seconds',
      'From the capture of the frame to the broker’s acknowledgement, in seconds; replayed changes are left out.',
      [],
      LATENCY_BUCKETS,
    ),
    received: counter('frames_received_total', 'Frames a camera delivered.', ['camera']),
    skipped: counter('frames_skipped_total', 'Frames that were not encoded because nothing had changed.', [
      'camera',
      'reason',
    ]),
    dropped: counter('frames_dropped_total', 'Frames that were not encoded.', ['camera', 'reason']),
    views: counter('views_total', 'Crops and zones of frames, by what became of them.', ['camera', 'view', 'outcome']),
    encoded: counter('frames_encoded_total', 'Frames encoded to decide events; shadows left out.', ['variant']),
    inFlight: gauge('frames_in_flight', 'Frames received and not yet encoded, skipped or dropped.'),
    events: counter('event_changes_total', 'Changes of events.', ['camera', 'event', 'type']),
    delivered: counter('event_changes_delivered_total', 'Changes of events that the broker acknowledged.', [
      'replayed',
    ]),
    score: gauge('event_score', 'Latest smoothed score, 0 to 1.', ['camera', 'event']),
    active: gauge('event_active', '1 while an event goes on.', ['camera', 'event']),
    bankImages: gauge('bank_images', 'Images in the bank of a camera.', ['camera', 'light']),
    calibration: gauge('event_calibration', CALIBRATION_HELP, ['camera', 'event']),
    historyFrames: counter('history_frames_total', 'Frames in the history.', ['camera']),
    historyVectors: counter('history_vectors_total', 'Vectors in the history; near copies have none of their own.', [
      'camera',
    ]),
    historyThumbnails: counter('history_thumbnails_total', 'Thumbnails in the history.', ['camera']),
    historySkipped: counter('history_skipped_total', 'Frames that are missing in the history.', ['camera', 'reason']),
    historyBytes: gauge('history_bytes', 'Size of the history on disk, in bytes.'),
    cameraUp: gauge('camera_up', '1 while a camera delivers frames.', ['camera']),
    cameraEnabled: gauge(
      'camera_enabled',
      '1 while a camera is to deliver frames; 0: switched off, or its file has ended.',
      ['camera'],
    ),
    cameraProblem: gauge('camera_problem', '1 while the image has this problem.', ['camera', 'problem']),
    lastFrame: gauge(
      'camera_last_frame_timestamp_seconds',
      'Capture time of the last frame, seconds since the epoch.',
      ['camera'],
    ),
    reconnects: counter('camera_reconnects_total', 'Losses of a camera that were followed by a new attempt.', [
      'camera',
      'reason',
    ]),
    decodeErrors: counter('camera_decode_errors_total', 'Lines of ffmpeg about frames it could not decode.', [
      'camera',
    ]),
    encoderCrashes: counter('encoder_crashes_total', 'Crashes of an encoder worker.', ['variant']),
    shadowCosine: gauge('shadow_cosine_min', 'Smallest cosine of a shadow to the deciding variant, last batch.', [
      'variant',
    ]),
    mqttMessages: counter('mqtt_messages_total', 'Messages handed to the broker.', ['result']),
    mqttConnected: gauge('mqtt_connected', '1 while connected to the broker.'),
    outboxMessages: gauge('outbox_messages', 'Changes that wait for the broker.'),
    outboxOldest: gauge('outbox_oldest_seconds', 'How long the oldest change has waited for the broker, in seconds.'),
    setAside: counter('event_changes_set_aside_total', 'Changes of events that are larger than what the broker takes.'),
    outboxBytes: gauge('outbox_bytes', 'Size of what waits for the broker, in bytes.'),
    outboxDropped: counter('outbox_dropped_total', 'Changes dropped by a bound of the outbox.', ['bound']),
    tracesSkipped: counter('trace_records_skipped_total', 'Records of event traces that were not written.', ['reason']),
    outboxDamaged: counter('outbox_damaged_total', 'Times a damaged outbox was found.'),
    sinkFailures: counter('sink_failures_total', 'Times a sink began to fail.', ['sink']),
    requests: counter('requests_total', 'Requests over MQTT.', ['result']),
    reloads: counter('config_reloads_total', 'Attempts to reload the config.', ['result']),
    check: gauge('health_check_state', '0 ok, 1 warning, 2 critical.', ['check', 'subject']),
    buildInfo: gauge('build_info', 'Always 1; what runs is in the labels.', ['version', 'variant', 'model_sha']),
  }
}

/** Makers of the three kinds, with the prefix and the registry. */
function createMakers(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram<L>({ name: `watchword_${name}`, help, labelNames: [...labelNames], registers, buckets })
  return { counter, gauge, histogram }
}
