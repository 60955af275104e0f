/**
 * All that names the JVM's Vector API, an incubator module: compiled by itself, loaded where it is.
 */
package io.sparkgrad.backend.cpu.vector;
