/**
 * Work of the CPU beyond plain loops: matrix products, and loops by the Vector API. Only here are
 * netlib and OpenBLAS named; nothing here knows tensors.
 */
package io.sparkgrad.backend.cpu;
