/** Speed beside other engines; outside the default build, since these are large. */
package io.sparkgrad.benchmarks;
