/**
 * The user's functions on their way to the executors. A lambda of a shell captures the object that
 * holds its cell, and so whatever else the cell defined: Spark's cleaner leaves of it what the
 * lambda uses, and the lambda travels in its parts, since Java cannot read one that reaches itself.
 */
package io.sparkgrad.cluster.closure;
