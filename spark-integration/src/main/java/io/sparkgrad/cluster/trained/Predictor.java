package io.sparkgrad.cluster.trained;

import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.FeatureReader;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Predicts the rows of a partition: they come with the features appended, and leave with the
 * model's outputs in their place. Makes the model once a task, over weights that the executor's
 * tasks share.
 */
final class Predictor
    implements MapPartitionsFunction<Row, Row>, FlatMapFunction<Iterator<Row>, Row> {
  private static final long serialVersionUID = 1L;

  /* Large enough for the matrix product, small for what else a row may carry: images, texts. */
  private static final int BATCH_ROWS = 256;

  private final ModelSupplier model;
  private final Broadcast<Weights> weights;
  private final FeatureColumns columns;
  private final int[] widths;
  private final Invalid invalid;
  private final Output output;
  private final int[] wanted; // null: all
  private final boolean computes;

  /**
   * @param wanted which cells a row leaves with, of those it came with and then the outputs, in
   *     this order; null: all
   * @param computes whether outputs are among them; else rows are read alone, and left out if they
   *     cannot be
   */
  Predictor(Predictions.Maker maker, int[] wanted, boolean computes) {
    this.computes = computes;
    this.model = maker.model();
    this.weights = maker.weights();
    this.columns = maker.columns();
    this.widths = maker.widths();
    this.invalid = maker.invalid();
    this.output = maker.output();
    this.wanted = wanted;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) return rows; // an empty partition needs no model
    Blas.load();
    TaskCompletionListener forget = task -> TensorScope.emptyCache(); // the thread may live on
    TaskContext.get().addTaskCompletionListener(forget);
    Module module = TrainedModel.make(model);
    weights.value().shareWith(module);
    return new Predicted(rows, module);
  }

  /** Reads and predicts one batch after the other. */
  private final class Predicted implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Module module;
    private final int partition = TaskContext.getPartitionId();
    private final FeatureReader reader = new FeatureReader(columns, widths, invalid, partition);
    private final int width = Arrays.stream(widths).sum();
    private final int batchRows = Math.min(BATCH_ROWS, RowBlock.fullRows(width));
    private final Row[] batch = new Row[batchRows];
    private final int[] places = new int[batchRows]; // among the rows read; -1: it cannot be
    private final long[] positions = new long[batchRows]; // of the rows read, in the partition
    private long at; // position of the next row
    private int size;
    private int next;
    private double[][] outputs; // of the rows read, one after the other, by the model's outputs

    Predicted(Iterator<Row> rows, Module module) {
      this.rows = rows;
      this.module = module;
    }

    @Override
    public boolean hasNext() {
      if (next == size && rows.hasNext()) predict();
      return next < size;
    }

    @Override
    public Row next() {
      if (!hasNext()) throw new NoSuchElementException();
      Row row = batch[next];
      int kept = row.size() - columns.features();
      Object[] cells = new Object[kept + output.types().length];
      for (int c = 0; c < kept; c++) cells[c] = row.get(c);
      output.put(ofRow(places[next]), cells, kept);
      next++;
      return RowFactory.create(wanted == null ? cells : picked(cells));
    }

    private double[][] ofRow(int place) {
      double[][] row = new double[output.widths().length][];
      for (int i = 0; i < row.length; i++) {
        int n = output.widths()[i];
        if (place >= 0 && outputs != null) {
          row[i] = Arrays.copyOfRange(outputs[i], place * n, (place + 1) * n);
        } else {
          row[i] = new double[n];
          Arrays.fill(row[i], Double.NaN);
        }
      }
      return row;
    }

    private Object[] picked(Object[] cells) {
      Object[] picked = new Object[wanted.length];
      for (int i = 0; i < picked.length; i++) picked[i] = cells[wanted[i]];
      return picked;
    }

    private void predict() {
      float[] features = new float[batchRows * width];
      int n = 0;
      for (size = 0; size < batchRows && rows.hasNext(); ) {
        Row row = rows.next();
        boolean valid = reader.read(row, features, n * width);
        if (valid) positions[n] = at;
        at++;
        if (!valid && invalid == Invalid.SKIP) continue;
        batch[size] = row;
        places[size++] = valid ? n++ : -1;
      }
      next = 0;
      outputs = computes && n > 0 ? named(features, n) : null;
    }

    /** The model's outputs; of a row whose id a table does not have the error says where it is. */
    private double[][] named(float[] features, int n) {
      try {
        return forward(features, n);
      } catch (IndexOutOfBoundsException e) {
        for (int r = 0; r < n; r++) {
          try {
            forward(Arrays.copyOfRange(features, r * width, (r + 1) * width), 1);
          } catch (IndexOutOfBoundsException ofRow) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "%s (partition %d, row %,d of it)",
                    ofRow.getMessage(),
                    partition,
                    positions[r]),
                ofRow);
          }
        }
        throw e;
      }
    }

    private double[][] forward(float[] features, int n) {
      try (var quiet = Grad.noGrad();
          var memory = TensorScope.open()) {
        List<Tensor> found =
            module.forward(columns.inputs().tensors(features, n, widths, Device.CPU)).values();
        double[][] numbers = new double[output.widths().length][];
        for (int i = 0; i < numbers.length; i++) numbers[i] = found.get(i).toDoubles();
        memory.keep(module.tensors());
        return numbers;
      }
    }
  }
}
