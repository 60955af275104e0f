/**
 * NVIDIA GPUs through JCuda. Only here are JCuda's types named, and never in a signature that
 * others see; nothing here knows tensors. Without a GPU, or without JCuda's jars, {@link
 * io.sparkgrad.backend.cuda.Cuda} says so and nothing else here may be touched.
 */
package io.sparkgrad.backend.cuda;
