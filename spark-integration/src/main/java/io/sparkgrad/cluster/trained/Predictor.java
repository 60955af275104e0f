package io.sparkgrad.cluster.trained;

import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.Blas;
import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.FeatureReader;
import io.sparkgrad.cluster.ingest.RowBlock;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import java.util.Arrays;
import java.util.Iterator;
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
  private final Output output;
  private final int[] wanted; // null: all

  /**
   * @param wanted which cells a row leaves with, of those it came with and then the outputs, in
   *     this order; null: all
   */
  Predictor(
      ModelSupplier model,
      Broadcast<Weights> weights,
      FeatureColumns columns,
      int[] widths,
      Output output,
      int[] wanted) {
    this.wanted = wanted;
    this.model = model;
    this.weights = weights;
    this.columns = columns;
    this.widths = widths;
    this.output = output;
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
    private final FeatureReader reader =
        new FeatureReader(columns, widths, TaskContext.getPartitionId());
    private final int width = Arrays.stream(widths).sum();
    private final int batchRows = Math.min(BATCH_ROWS, RowBlock.fullRows(width));
    private final Row[] batch = new Row[batchRows];
    private int size;
    private int next;
    private double[] outputs;

    Predicted(Iterator<Row> rows, Module module) {
      this.rows = rows;
      this.module = module;
    }

    @Override
    public boolean hasNext() {
      return next < size || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) throw new NoSuchElementException();
      if (next == size) predict();
      Row row = batch[next];
      int kept = row.size() - columns.features();
      Object[] cells = new Object[kept + output.types().length];
      for (int c = 0; c < kept; c++) cells[c] = row.get(c);
      int n = outputs.length / size;
      output.put(Arrays.copyOfRange(outputs, next * n, (next + 1) * n), cells, kept);
      next++;
      return RowFactory.create(wanted == null ? cells : picked(cells));
    }

    private Object[] picked(Object[] cells) {
      Object[] picked = new Object[wanted.length];
      for (int i = 0; i < picked.length; i++) picked[i] = cells[wanted[i]];
      return picked;
    }

    private void predict() {
      float[] features = new float[batchRows * width];
      for (size = 0; size < batchRows && rows.hasNext(); size++) {
        batch[size] = rows.next();
        reader.read(batch[size], features, size * width);
      }
      next = 0;
      try (var quiet = Grad.noGrad();
          var memory = TensorScope.open()) {
        outputs =
            module
                .forward(columns.inputs().tensors(features, size, widths, Device.CPU))
                .first()
                .toDoubles();
        memory.keep(module.tensors());
      }
    }
  }
}
