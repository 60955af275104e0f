package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/** Weights {@code [from, from + values.length)} of the flattened parameters. */
public record WeightRange(int from, float[] values) implements Serializable {}
