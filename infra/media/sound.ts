/** The sound of the film: slow pad chords, the hush of deep water, and a soft bell at each segment's start. */
import { clamp, cycle, FILM_SECONDS, SAMPLE_RATE, SEGMENT_COUNT, SEGMENT_SECONDS, seededRandom } from "./film.ts";

/** Chords as notes in semitones above the A of 110 Hz; each lasts as long as the others. */
const CHORDS = [
  [5, 12, 17, 21, 28], // D
  [2, 9, 14, 21, 26], // B minor
  [-2, 10, 14, 17, 24], // G
  [-3, 9, 16, 19, 26], // F sharp minor
  [0, 7, 12, 17, 23], // A, suspended
] as const;
const CHORD_SECONDS = FILM_SECONDS / CHORDS.length;
/** Notes swell and fade this long, so that chords flow into each other. */
const SWELL_SECONDS = 5;
/** Loudest sample, 0 to 1: quiet, so that nobody reaches for the volume. */
const PEAK = 0.28;

type Stereo = readonly [left: Float32Array, right: Float32Array];

/** The whole sound track as a WAV file: 48 kHz, stereo, 16 bits. Its end flows into its beginning. */
export function soundTrack(): Buffer {
  const length = FILM_SECONDS * SAMPLE_RATE;
  const dry: Stereo = [new Float32Array(length), new Float32Array(length)];
  CHORDS.forEach((notes, chord) => {
    notes.forEach((note, voice) => {
      addPad(dry, chord * CHORD_SECONDS, 110 * 2 ** (note / 12), voice);
    });
  });
  for (let segment = 0; segment < SEGMENT_COUNT; segment += 1) {
    const notes = CHORDS[Math.floor((segment * SEGMENT_SECONDS) / CHORD_SECONDS)] ?? CHORDS[0];
    addBell(dry, segment * SEGMENT_SECONDS, 440 * 2 ** ((notes[2 + (segment % 3)] ?? 12) / 12), segment);
  }
  addHush(dry);
  return toWav([withEcho(dry[0], 0.331, 0.467), withEcho(dry[1], 0.379, 0.521)]);
}

function addPad([left, right]: Stereo, start: number, pitch: number, voice: number): void {
  const length = left.length;
  const samples = (CHORD_SECONDS + SWELL_SECONDS) * SAMPLE_RATE;
  const pan = 0.5 + 0.32 * Math.sin(voice * 2.4);
  const level = 0.11 / (1 + voice * 0.28);
  for (let sample = 0; sample < samples; sample += 1) {
    const seconds = sample / SAMPLE_RATE;
    const swell = Math.min(1, seconds / SWELL_SECONDS, (samples - sample) / SAMPLE_RATE / SWELL_SECONDS);
    const gain = level * Math.sin((swell * Math.PI) / 2) ** 2 * (0.86 + 0.14 * Math.sin(seconds * 0.9 + voice * 1.7));
    const angle = 2 * Math.PI * pitch * seconds;
    const low = Math.sin(angle) + 0.26 * Math.sin(2 * angle + 0.5) + 0.07 * Math.sin(3 * angle);
    // Two more voices, a hair too high and too low, make the slow shimmer of a pad.
    const high = Math.sin(angle * 1.0023 + voice) + Math.sin(angle * 0.9979 + voice * 2);
    const at = (Math.floor(start * SAMPLE_RATE) + sample) % length;
    left[at] = (left[at] ?? 0) + gain * (1 - pan) * (low + 0.7 * high);
    right[at] = (right[at] ?? 0) + gain * pan * (low + 0.55 * high);
  }
}

function addBell([left, right]: Stereo, start: number, pitch: number, turn: number): void {
  const length = left.length;
  const pan = 0.5 + 0.25 * Math.sin(turn * 2.1);
  for (let sample = 0; sample < 2.4 * SAMPLE_RATE; sample += 1) {
    const seconds = sample / SAMPLE_RATE;
    const gain = 0.05 * Math.min(1, seconds / 0.004) * Math.exp(-seconds * 3.2);
    const angle = 2 * Math.PI * pitch * seconds;
    const tone = Math.sin(angle) + 0.35 * Math.exp(-seconds * 6) * Math.sin(angle * 2.76);
    const at = (start * SAMPLE_RATE + sample) % length;
    left[at] = (left[at] ?? 0) + gain * (1 - pan) * tone;
    right[at] = (right[at] ?? 0) + gain * pan * tone;
  }
}

/** Noise through a gentle low-pass that opens and closes like a swell. It runs twice round, so its ends meet. */
function addHush(track: Stereo): void {
  track.forEach((channel, side) => {
    const noise = noiseOf(90 + side, channel.length);
    let first = 0;
    let second = 0;
    for (let sample = 0; sample < 2 * channel.length; sample += 1) {
      const at = sample % channel.length;
      const tide = 0.5 + 0.5 * Math.sin(cycle(at / SAMPLE_RATE, 7) + side * 0.6);
      const open = 0.012 + 0.016 * tide;
      first += ((noise[at] ?? 0) - first) * open;
      second += (first - second) * open;
      if (sample >= channel.length) channel[at] = (channel[at] ?? 0) + second * (0.1 + 0.14 * tide);
    }
  });
}

function noiseOf(seed: number, length: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random() * 2 - 1);
}

/** Two soft echoes that feed on themselves, as in a large still space; twice round, so that its ends meet. */
function withEcho(dry: Float32Array, one: number, two: number): Float32Array {
  const length = dry.length;
  const near = Math.round(one * SAMPLE_RATE);
  const far = Math.round(two * SAMPLE_RATE);
  const wet = new Float32Array(length);
  let soft = 0;
  for (let sample = 0; sample < 2 * length; sample += 1) {
    const at = sample % length;
    const back = (wet[(at - near + length) % length] ?? 0) * 0.34 + (wet[(at - far + length) % length] ?? 0) * 0.3;
    soft += (back - soft) * 0.35;
    wet[at] = (dry[at] ?? 0) + soft;
  }
  return wet;
}

function toWav([left, right]: Stereo): Buffer {
  const loudest = left.reduce((most, value, at) => Math.max(most, Math.abs(value), Math.abs(right[at] ?? 0)), 1e-9);
  const dataBytes = left.length * 4;
  const wav = Buffer.alloc(44 + dataBytes);
  wav.write("RIFF", 0, "ascii");
  wav.writeUInt32LE(36 + dataBytes, 4);
  wav.write("WAVEfmt ", 8, "ascii");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(2, 22); // channels
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 4, 28);
  wav.writeUInt16LE(4, 32); // bytes per sample of both channels
  wav.writeUInt16LE(16, 34); // bits
  wav.write("data", 36, "ascii");
  wav.writeUInt32LE(dataBytes, 40);
  for (const [at, value] of left.entries()) {
    wav.writeInt16LE(toSample(value / loudest), 44 + at * 4);
    wav.writeInt16LE(toSample((right[at] ?? 0) / loudest), 46 + at * 4);
  }
  return wav;
}

function toSample(value: number): number {
  return Math.round(clamp(value * PEAK, -1, 1) * 32767);
}
