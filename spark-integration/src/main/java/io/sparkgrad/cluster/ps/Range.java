package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/** The numbers {@code [from, from + values.length)} of the flattened parameters. */
public record Range(int from, float[] values) implements Serializable {}
