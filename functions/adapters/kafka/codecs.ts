import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import type { KafkaCompression } from '../../../shared/settings/kafka-settings.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Level 1: a third of the default's time for frames like ours, and a few percent larger. */
const ZSTD_LEVEL = 1;

/** Teaches kafkajs zstd by Node's own zlib; gzip it knows. May be called more than once. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) =>
      zstdCompressSync(buffer, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
    decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
  });
}

/** The number that kafkajs has for a codec. */
export function compressionType(compression: KafkaCompression): number {
  const types = { zstd: CompressionTypes.ZSTD, gzip: CompressionTypes.GZIP, none: CompressionTypes.None };
  return types[compression];
}
