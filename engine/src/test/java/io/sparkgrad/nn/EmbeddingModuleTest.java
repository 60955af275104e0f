package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The embedding as a module, and as a table of rows in a run of numbers. */
class EmbeddingModuleTest {
  private static final EmbeddingOptions SPARSE = EmbeddingOptions.of().sparse();

  /** Two tables, one looked up twice, before and after dense parameters. */
  private static final class Recommender extends Module {
    private static final long serialVersionUID = 1;

    final Embedding users = new Embedding(7, 2, SPARSE);
    final Linear top = new Linear(2, 1);
    final Embedding items = new Embedding(5, 2, SPARSE);

    @Override
    public Tensor forward(Tensor ids) {
      Tensor user = users.forward(ids.select(1, 0));
      Tensor item = items.forward(ids.select(1, 1)).add(items.forward(ids.select(1, 2)));
      return top.forward(user.mul(item));
    }
  }

  private static Tensor ids(long... ids) {
    return Tensor.of(ids, ids.length / 3, 3);
  }

  @Test
  void itsFirstNumbersAndTextArePyTorchs() {
    Embedding e;
    try (var random = Generator.use(new Generator(0))) {
      e = new Embedding(4, 5, EmbeddingOptions.of().paddingIdx(2));
    }
    float[] row0 = {-1.1258f, -1.1524f, -0.2506f, -0.4339f, 0.5988f};
    float[] row3 = {-0.8437f, 0.9318f, 1.2590f, 2.0050f, 0.0537f};
    float[] w = e.weight.toFloats();
    assertArrayEquals(row0, Arrays.copyOfRange(w, 0, 5), 5e-5f);
    assertArrayEquals(new float[5], Arrays.copyOfRange(w, 10, 15));
    assertArrayEquals(row3, Arrays.copyOfRange(w, 15, 20), 5e-5f);
    assertEquals("Embedding(4, 5, padding_idx=2)", e.toString());
    EmbeddingOptions all =
        EmbeddingOptions.of().paddingIdx(-1).maxNorm(1.5).normType(1).scaleGradByFreq().sparse();
    assertEquals(
        "Embedding(5, 3, padding_idx=4, max_norm=1.5, norm_type=1.0, scale_grad_by_freq=True, sparse=True)",
        new Embedding(5, 3, all).toString());
  }

  @Test
  void tablesLieBehindTheDenseNumbers() {
    FlatParameters flat = new FlatParameters(new Recommender());
    assertEquals(3, flat.dense());
    assertEquals(3 + 14 + 10, flat.numel());
    assertEquals(
        List.of(
            new FlatParameters.Table("users.weight", 3, 7, 2),
            new FlatParameters.Table("items.weight", 17, 5, 2)),
        flat.tables());
    Module dense = new Sequential(new Embedding(3, 2), new Embedding(3, 2, SPARSE.maxNorm(1)));
    assertEquals(List.of(), new FlatParameters(dense).tables());
  }

  @Test
  void gradientsOfTablesAreRows() {
    Recommender m = new Recommender();
    FlatParameters flat = new FlatParameters(m);
    m.forward(ids(6, 1, 4, 0, 1, 1, 6, 0, 0)).sum().backward();
    float[] whole = new float[flat.numel()];
    flat.takeGrads(whole);
    m.forward(ids(6, 1, 4, 0, 1, 1, 6, 0, 0)).sum().backward();
    float[] dense = new float[flat.dense()];
    List<RowSparse> rows = flat.takeGradsByRows(dense);
    assertArrayEquals(Arrays.copyOf(whole, 3), dense);
    assertArrayEquals(new long[] {0, 6}, rows.get(0).indices().toLongs());
    assertArrayEquals(new long[] {0, 1, 4}, rows.get(1).indices().toLongs());
    assertArrayEquals(Arrays.copyOfRange(whole, 3, 17), rows.get(0).toFloats());
    assertArrayEquals(Arrays.copyOfRange(whole, 17, 27), rows.get(1).toFloats());
    assertNull(m.users.weight.grad());
    m.top.forward(Tensor.ones(1, 2)).sum().backward();
    assertNull(flat.takeGradsByRows(dense).get(0));
  }

  @Test
  void aTableUsedAsAWholeIsNamed() {
    Recommender m = new Recommender();
    FlatParameters flat = new FlatParameters(m);
    m.items.weight.sum().backward();
    String text =
        assertThrows(
                IllegalStateException.class, () -> flat.takeGradsByRows(new float[flat.dense()]))
            .getMessage();
    assertTrue(text.startsWith("parameter items.weight is used as a whole"), text);
  }

  @Test
  void rowsAreAskedForBeforeTheyAreLookedUp() {
    Recommender m = new Recommender();
    FlatParameters flat = new FlatParameters(m);
    float[] real = flat.toFloats();
    float[] shown = real.clone();
    Arrays.fill(shown, flat.dense(), flat.numel(), Float.NaN);
    flat.bind(shown);
    List<String> asked = new ArrayList<>();
    flat.onReads(
        (table, rows) -> {
          asked.add(table + Arrays.toString(rows));
          FlatParameters.Table t = flat.tables().get(table);
          for (int r : rows) {
            int at = t.from() + r * t.width();
            System.arraycopy(real, at, shown, at, t.width());
          }
        });
    Tensor out = m.forward(ids(6, 4, 1, 2, 4, 3, 6, 0, 0));
    assertTrue(out.isfinite().all().item() == 1, out.toString());
    assertEquals(List.of("0[2, 6]", "1[0, 4]", "1[0, 1, 3]"), asked);
    assertInstanceOf(
        IndexOutOfBoundsException.class,
        assertThrows(RuntimeException.class, () -> m.forward(ids(7, 0, 0))));
  }
}
