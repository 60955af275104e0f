/**
 * NVIDIA GPUs through JCuda. Only here are JCuda's types named, and never in a signature that
 * others see; nothing here knows tensors. Without a GPU, or without JCuda's jars, {@link
 * io.sparkgrad.backend.cuda.Cuda} says so and nothing else here may be touched.
 *
 * <dl>
 *   <dt>driver
 *   <dd>NVIDIA's libcuda.so.1; in tests the emulated one of {@code engine/gpu}
 *   <dt>PTX
 *   <dd>the assembly that kernels are shipped as, and that the driver compiles for its card
 *   <dt>unit
 *   <dd>one PTX file: the kernels of one op or optimizer
 *   <dt>launch
 *   <dd>a run of a kernel by a grid of blocks of threads
 *   <dt>stream
 *   <dd>a queue of work on the device, one for each of the first 32 threads
 *   <dt>block
 *   <dd>a piece of device memory; a freed one is handed out again without asking the driver
 *   <dt>capability
 *   <dd>the generation of a card: 7.5 is Turing, 9.0 Hopper
 * </dl>
 */
package io.sparkgrad.backend.cuda;
