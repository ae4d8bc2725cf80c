import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import type { KafkaCompression } from '../../../shared/settings/kafka-settings.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Level 1: a third of the default's time for frames like ours, and a few percent larger. */
const ZSTD_LEVEL = 1;

/** Loaded only where lz4 is used: it is a native module, which the functions' bundles leave out. */
const lz4 = () => import('lz4-napi');

/** Teaches kafkajs zstd by Node's own zlib, and lz4; gzip it knows. May be called more than once. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) =>
      zstdCompressSync(buffer, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
    decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) => (await lz4()).compressFrame(buffer),
    decompress: async (buffer: Buffer) => (await lz4()).decompressFrame(buffer),
  });
}

/** The number that kafkajs has for a codec. */
export function compressionType(compression: KafkaCompression): number {
  const types = {
    zstd: CompressionTypes.ZSTD,
    lz4: CompressionTypes.LZ4,
    gzip: CompressionTypes.GZIP,
    none: CompressionTypes.None,
  };
  return types[compression];
}
