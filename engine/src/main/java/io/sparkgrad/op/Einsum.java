package io.sparkgrad.op;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Einstein's summation: every operand's dimensions have a letter; letters that the output lacks are
 * summed over. Operands are joined from the left, two at a time by one bmm.
 */
final class Einsum {
  /** A tensor and the letters of its dimensions. */
  private record Term(Tensor tensor, String letters) {
    int size(char c) {
      return tensor.shape()[letters.indexOf(c)];
    }

    /** With the dimensions in the order of the given letters, all of its own. */
    Tensor ordered(String order) {
      int[] dims = new int[order.length()];
      for (int i = 0; i < dims.length; i++) dims[i] = letters.indexOf(order.charAt(i));
      return tensor.permute(dims);
    }
  }

  /* The last of the dimensions that dots stand for, and so on backwards. */
  private static final char DOTS = '\u03b1';

  private final String equation;
  private final String[] inputs;
  private final String output;

  private Einsum(String equation, Tensor... operands) {
    this.equation = equation;
    String[] sides = equation.replace(" ", "").split("->", -1);
    inputs = sides[0].split(",", -1);
    for (char c : sides[0].replace(",", "").replace("...", "").toCharArray()) checkLetter(c);
    if (operands.length != inputs.length)
      throw wrong(inputs.length + " operands expected, got " + operands.length);
    String more = spelledOut(operands);
    String letters = String.join("", inputs);
    output =
        sides.length > 1
            ? sides[1].replace("...", more)
            : more + implied(sides[0].replace(",", "").replace("...", ""));
    for (char c : output.toCharArray()) {
      if (more.indexOf(c) < 0) checkLetter(c);
      if (letters.indexOf(c) < 0) throw wrong("output letter '" + c + "' is in no operand");
      if (output.indexOf(c) != output.lastIndexOf(c))
        throw wrong("output letter '" + c + "' appears more than once");
    }
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

  static Tensor of(String equation, Tensor... operands) {
    return new Einsum(equation, operands).apply(operands);
  }

  /* Sizes of 1 repeated where another operand has more. */
  private Tensor[] broadcast(Tensor... operands) {
    Tensor[] wide = operands.clone();
    for (int i = 0; i < wide.length; i++) {
      if (operands[i].dim() != inputs[i].length()) continue;
      int[] shape = operands[i].shape().clone();
      for (int d = 0; d < shape.length; d++)
        if (shape[d] == 1) shape[d] = largest(inputs[i].charAt(d), operands);
      if (!Arrays.equals(shape, operands[i].shape())) wide[i] = operands[i].expand(shape);
    }
    return wide;
  }

  private int largest(char letter, Tensor... operands) {
    int most = 1;
    for (int i = 0; i < operands.length; i++) {
      int d = inputs[i].indexOf(letter);
      if (d < 0 || d >= operands[i].dim()) continue;
      if (operands[i].shape()[d] != 1) most = operands[i].shape()[d];
    }
    return most;
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
    Tensor[] operands = broadcast(given);
    Term sum = null;
    for (int i = 0; i < operands.length; i++) {
      String later = output + String.join("", Arrays.copyOfRange(inputs, i + 1, inputs.length));
      Term next = diagonal(operands[i], inputs[i]);
      sum = sum == null ? reduced(next, later) : joined(sum, next, later);
    }
    return reduced(sum, output).ordered(output);
  }

  private Term diagonal(Tensor t, String letters) {
    if (t.dim() != letters.length())
      throw wrong("'" + letters + "' does not fit shape " + Arrays.toString(t.shape()));
    for (int i = 0; i < letters.length(); i++) {
      int j = letters.indexOf(letters.charAt(i), i + 1);
      if (j < 0) continue;
      if (t.shape()[i] != t.shape()[j])
        throw wrong("'" + letters.charAt(i) + "' has two sizes in " + Arrays.toString(t.shape()));
      String rest = new StringBuilder(letters).deleteCharAt(j).deleteCharAt(i).toString();
      return diagonal(t.diagonal(0, i, j), rest + letters.charAt(i));
    }
    return new Term(t, letters);
  }

  /* Summed over the letters that nobody needs. */
  private static Term reduced(Term t, String needed) {
    List<Integer> gone = new ArrayList<>();
    StringBuilder left = new StringBuilder();
    for (int d = 0; d < t.letters.length(); d++) {
      if (needed.indexOf(t.letters.charAt(d)) < 0) gone.add(d);
      else left.append(t.letters.charAt(d));
    }
    if (gone.isEmpty()) return t;
    int[] dims = gone.stream().mapToInt(Integer::intValue).toArray();
    return new Term(t.tensor.sum(dims, false), left.toString());
  }

  private Term joined(Term first, Term second, String needed) {
    Term a = reduced(first, needed + second.letters);
    Term b = reduced(second, needed + first.letters);
    StringBuilder batch = new StringBuilder();
    StringBuilder folded = new StringBuilder();
    for (char c : a.letters.toCharArray()) {
      if (b.letters.indexOf(c) < 0) continue;
      if (a.size(c) != b.size(c))
        throw wrong(
            "'" + c + "' is " + a.size(c) + " in one operand, " + b.size(c) + " in another");
      (needed.indexOf(c) < 0 ? folded : batch).append(c);
    }
    String left = without(a.letters, b.letters);
    String right = without(b.letters, a.letters);
    int[] shape = new int[batch.length() + left.length() + right.length()];
    int d = 0;
    for (char c : (batch + left).toCharArray()) shape[d++] = a.size(c);
    for (char c : right.toCharArray()) shape[d++] = b.size(c);
    Tensor x = matrices(a, batch.toString(), left, folded.toString());
    Tensor y = matrices(b, batch.toString(), folded.toString(), right);
    return new Term(x.bmm(y).reshape(shape), batch + left + right);
  }

  private static String without(String letters, String others) {
    StringBuilder out = new StringBuilder();
    for (char c : letters.toCharArray()) if (others.indexOf(c) < 0) out.append(c);
    return out.toString();
  }

  private static Tensor matrices(Term t, String batch, String rows, String columns) {
    return t.ordered(batch + rows + columns)
        .reshape(numel(t, batch), numel(t, rows), numel(t, columns));
  }

  private static int numel(Term t, String letters) {
    return Shape.numel(letters.chars().map(c -> t.size((char) c)).toArray());
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException("einsum(\"" + equation + "\"): " + what);
  }
}
