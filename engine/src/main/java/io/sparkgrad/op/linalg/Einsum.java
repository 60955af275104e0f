package io.sparkgrad.op.linalg;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.kernel.Dims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Einstein's summation: every operand's dimensions have a letter; letters that the output lacks are
 * summed over. All operands get all letters as dimensions, of size 1 where they lack one, and are
 * joined from the left, two at a time: by one bmm where that sums, else by a product of elements.
 * The operations, and so the nodes on the tape, are PyTorch's.
 */
public final class Einsum {
  /* The last of the dimensions that dots stand for, and so on backwards. */
  private static final char DOTS = '\u03b1';

  private final String equation;
  private final String[] inputs;
  private final String output;
  /* Those of the output, then those to be summed over. */
  private final String letters;

  private Einsum(String equation, Tensor... operands) {
    this.equation = equation;
    String[] sides = equation.replace(" ", "").split("->", -1);
    inputs = sides[0].split(",", -1);
    for (char c : sides[0].replace(",", "").replace("...", "").toCharArray()) checkLetter(c);
    if (operands.length != inputs.length)
      throw wrong(inputs.length + " operands expected, got " + operands.length);
    String more = spelledOut(operands);
    String all = String.join("", inputs);
    output =
        sides.length > 1
            ? sides[1].replace("...", more)
            : more + implied(sides[0].replace(",", "").replace("...", ""));
    for (char c : output.toCharArray()) {
      if (more.indexOf(c) < 0) checkLetter(c);
      if (all.indexOf(c) < 0) throw wrong("output letter '" + c + "' is in no operand");
      if (output.indexOf(c) != output.lastIndexOf(c))
        throw wrong("output letter '" + c + "' appears more than once");
    }
    letters = output + summed(more, all);
  }

  /* Dots first, then letters in the order of the alphabet. */
  private String summed(String dots, String all) {
    StringBuilder gone = new StringBuilder();
    char[] sorted = all.toCharArray();
    Arrays.sort(sorted);
    for (char c : (dots + new String(sorted)).toCharArray())
      if (output.indexOf(c) < 0 && gone.indexOf(String.valueOf(c)) < 0) gone.append(c);
    return gone.toString();
  }

  private void checkLetter(char c) {
    if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') return;
    throw wrong("invalid character '" + c + "', only letters and one '...' an operand are");
  }

  /* Dots replaced by letters of their own, the last of them for the last dimensions; all of these. */
  private String spelledOut(Tensor... operands) {
    String most = "";
    for (int i = 0; i < inputs.length; i++) {
      int dots = inputs[i].indexOf("...");
      if (dots < 0) continue;
      int count = operands[i].dim() - inputs[i].length() + 3;
      if (count < 0 || inputs[i].indexOf("...", dots + 3) >= 0)
        throw wrong(
            "'" + inputs[i] + "' does not fit shape " + Arrays.toString(operands[i].shape()));
      StringBuilder own = new StringBuilder();
      for (int k = count - 1; k >= 0; k--) own.append((char) (DOTS + k));
      if (own.length() > most.length()) most = own.toString();
      inputs[i] = inputs[i].replace("...", own);
    }
    return most;
  }

  private static Tensor joined(String equation, Tensor... operands) {
    return new Einsum(equation, operands).apply(operands);
  }

  /* Letters that come once, in order of the alphabet. */
  private static String implied(String letters) {
    StringBuilder out = new StringBuilder();
    letters
        .chars()
        .sorted()
        .filter(c -> letters.indexOf(c) == letters.lastIndexOf(c))
        .forEach(c -> out.append((char) c));
    return out.toString();
  }

  private Tensor apply(Tensor... given) {
    Tensor[] operands = new Tensor[given.length];
    for (int i = 0; i < given.length; i++) operands[i] = aligned(given[i], inputs[i]);
    int kept = output.length();
    int[] counts = counts(operands);
    Tensor product = operands[0];
    for (int i = 1; i < operands.length; i++) product = joined(product, operands[i], counts);
    if (kept == letters.length()) return product;
    if (operands.length > 1) return product.view(Arrays.copyOf(product.shape(), kept));
    return product.sum(IntStream.range(kept, letters.length()).toArray(), false);
  }

  /* With all letters as dimensions, in their order. */
  private Tensor aligned(Tensor t, String own) {
    if (t.dim() != own.length())
      throw wrong("'" + own + "' does not fit shape " + Arrays.toString(t.shape()));
    int[] dims = new int[letters.length()];
    Arrays.fill(dims, -1);
    Tensor x = t;
    int d = 0;
    for (char c : own.toCharArray()) {
      int k = letters.indexOf(c);
      if (dims[k] < 0) {
        dims[k] = d++;
        continue;
      }
      if (x.shape()[dims[k]] != x.shape()[d])
        throw wrong("'" + c + "' has two sizes in " + Arrays.toString(t.shape()));
      x = x.diagonal(0, dims[k], d).movedim(-1, dims[k]);
    }
    for (int k = 0; k < dims.length; k++) {
      if (dims[k] >= 0) continue;
      x = x.unsqueeze(-1);
      dims[k] = d++;
    }
    return x.permute(dims);
  }

  /* In how many operands each dimension has another size than 1, which must be one. */
  private int[] counts(Tensor... operands) {
    int[] counts = new int[letters.length()];
    int[] sizes = new int[letters.length()];
    for (Tensor t : operands)
      for (int k = 0; k < sizes.length; k++) {
        int size = t.shape()[k];
        if (size == 1) continue;
        if (counts[k]++ > 0 && sizes[k] != size)
          throw wrong(
              "'%s' is %d in one operand, %d in another"
                  .formatted(letters.charAt(k), sizes[k], size));
        sizes[k] = size;
      }
    return counts;
  }

  /* Summed over what no later operand has. */
  private Tensor joined(Tensor a, Tensor b, int[] counts) {
    List<Integer> ofA = new ArrayList<>();
    List<Integer> ofB = new ArrayList<>();
    List<Integer> ofBoth = new ArrayList<>();
    for (int k = output.length(); k < counts.length; k++) {
      boolean inA = a.shape()[k] != 1;
      boolean inB = b.shape()[k] != 1;
      if (inA && inB) counts[k]--;
      if (!inA && !inB || counts[k] > 1) continue;
      (inA && inB ? ofBoth : inA ? ofA : ofB).add(k);
      counts[k] = 0;
    }
    Tensor x = ofA.isEmpty() ? a : a.sum(ints(ofA), true);
    Tensor y = ofB.isEmpty() ? b : b.sum(ints(ofB), true);
    return ofBoth.isEmpty() ? x.mul(y) : product(x, y, ofBoth);
  }

  /* As matrices: both operands' dimensions in front, then the left one's, then the right one's. */
  private static Tensor product(Tensor x, Tensor y, List<Integer> summed) {
    List<Integer> batch = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    List<Integer> columns = new ArrayList<>();
    for (int k = 0; k < x.dim(); k++) {
      if (summed.contains(k)) continue;
      boolean inX = x.shape()[k] != 1;
      (inX && y.shape()[k] != 1 ? batch : inX ? rows : columns).add(k);
    }
    int[] order = order(batch, rows, summed, columns);
    Tensor left = x.permute(order).reshape(numel(x, batch), numel(x, rows), numel(x, summed));
    Tensor right =
        y.permute(order(batch, summed, columns, rows))
            .reshape(numel(y, batch), numel(y, summed), numel(y, columns));
    int[] shape = new int[order.length];
    int[] back = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      int k = order[i];
      shape[i] = summed.contains(k) ? 1 : columns.contains(k) ? y.shape()[k] : x.shape()[k];
      back[k] = i;
    }
    return left.bmm(right).view(shape).permute(back);
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] order(List<Integer> a, List<Integer> b, List<Integer> c, List<Integer> d) {
    return Stream.of(a, b, c, d).flatMap(List::stream).mapToInt(Integer::intValue).toArray();
  }

  private static int numel(Tensor t, List<Integer> dims) {
    return Shape.numel(Dims.pick(t.shape(), ints(dims)));
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException("einsum(\"%s\"): %s".formatted(equation, what));
  }

  /** Computes {@code Tensor.einsum}. */
  public static Tensor of(String equation, Tensor... operands) {
    return Composite.named("einsum", () -> joined(equation, operands));
  }
}
