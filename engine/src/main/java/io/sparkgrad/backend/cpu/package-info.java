/**
 * Work of the CPU beyond plain loops: matrix products, and loops by the Vector API. Only here are
 * netlib and OpenBLAS named; nothing here knows tensors.
 *
 * <dl>
 *   <dt>BLAS
 *   <dd>the library of matrix products: OpenBLAS where its natives load, else netlib in Java
 *   <dt>plain loop
 *   <dd>the Java loop beside one by the Vector API; both give the same bits
 * </dl>
 */
package io.sparkgrad.backend.cpu;
