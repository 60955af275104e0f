package io.sparkgrad.cluster.ps;

/** Segments of which an executor holds a copy with this version. */
record Held(Spans segments, long version) {}
