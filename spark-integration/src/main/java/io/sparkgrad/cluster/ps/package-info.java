/**
 * The parameter server. A run trains one flat array of float32 numbers over K logical workers.
 *
 * <p>Read in this order: {@code Layout} cuts the numbers into segments and deals them to shards;
 * {@code Leases} deal the workers to tasks; {@code TreeSum} adds in a fixed tree, first in the
 * executor, then in the {@code Shard}, which steps the optimizer; {@code Message} and {@code
 * Transport} carry it; {@code PsRuntime} and {@code Seat} are what a task sees, {@code PsDriver}
 * what the driver sees; {@code Coordinator} says who takes part and what broke first, its {@code
 * Judge} where a run ends early and which weights it gives.
 */
package io.sparkgrad.cluster.ps;
