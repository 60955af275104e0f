package io.sparkgrad.op.nn;

/**
 * A matrix [outputs, inputs] of one run of numbers a row, the runs beginning and ending ever
 * further right; so does its transpose.
 *
 * @param start the column where a row's run begins
 * @param at where a row's numbers begin; and behind all of them
 */
record Bands(int inputs, int[] start, int[] at, double[] weights) {
  static Bands of(int inputs, int[] start, double[][] rows) {
    int[] at = new int[rows.length + 1];
    for (int i = 0; i < rows.length; i++) at[i + 1] = at[i] + rows[i].length;
    double[] weights = new double[at[rows.length]];
    for (int i = 0; i < rows.length; i++)
      System.arraycopy(rows[i], 0, weights, at[i], rows[i].length);
    return new Bands(inputs, start, at, weights);
  }

  /** Of each output the input of its place, as torch.nn.functional.interpolate's nearest. */
  static Bands nearest(int inputs, int outputs, double scale) {
    int[] start = new int[outputs];
    double[][] rows = new double[outputs][];
    for (int i = 0; i < outputs; i++) {
      start[i] = Math.min((int) Math.floor((float) scale * i), inputs - 1);
      rows[i] = new double[] {1};
    }
    return of(inputs, start, rows);
  }

  /** Between the two inputs beside its place, as interpolate's linear. */
  static Bands linear(int inputs, int outputs, double scale, boolean alignCorners) {
    int[] start = new int[outputs];
    double[][] rows = new double[outputs][];
    double step = alignCorners ? (outputs > 1 ? (inputs - 1.0) / (outputs - 1) : 0) : scale;
    for (int i = 0; i < outputs; i++) {
      double place = alignCorners ? step * i : Math.max(0, step * (i + 0.5) - 0.5);
      start[i] = Math.min((int) place, inputs - 1);
      double share = Math.min(Math.max(place - start[i], 0), 1);
      rows[i] = start[i] < inputs - 1 ? new double[] {1 - share, share} : new double[] {1};
    }
    return of(inputs, start, rows);
  }

  int outputs() {
    return start.length;
  }

  int length(int row) {
    return at[row + 1] - at[row];
  }

  Bands transpose() {
    int[] first = new int[inputs];
    int[] count = new int[inputs];
    for (int i = 0; i < outputs(); i++)
      for (int k = start[i]; k < start[i] + length(i); k++) if (count[k]++ == 0) first[k] = i;
    double[][] rows = new double[inputs][];
    for (int k = 0; k < inputs; k++) {
      rows[k] = new double[count[k]];
      for (int j = 0; j < count[k]; j++) {
        int i = first[k] + j;
        rows[k][j] = weights[at[i] + k - start[i]];
      }
    }
    return of(outputs(), first, rows);
  }
}
