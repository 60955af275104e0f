package io.sparkgrad.cluster.ps;

import java.util.List;

/** A worker's scores on its validation rows: the loss first, then the metrics. */
record WorkerScores(int worker, List<Score> scores) {}
