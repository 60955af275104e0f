package io.sparkgrad.fuzz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failing program small: fewer statements, then plainer leaves and arguments. */
final class Shrinker {
  private static final int MOST_TRIES = 150;

  private final Predicate<Program> fails;
  private Program smallest;
  private int tries;

  private Shrinker(Program program, Predicate<Program> fails) {
    this.smallest = program;
    this.fails = fails;
  }

  static Program shrink(Program program, Predicate<Program> fails) {
    Shrinker s = new Shrinker(program, fails);
    s.dropStatements();
    s.plainer();
    s.dropStatements();
    return s.smallest;
  }

  private boolean take(List<Statement> statements) {
    if (tries++ > MOST_TRIES) return false;
    Program smaller = new Program(smallest.seed(), statements);
    if (!fails.test(smaller)) return false;
    smallest = smaller;
    return true;
  }

  private void dropStatements() {
    for (int size = smallest.statements().size() / 2; size >= 1; size /= 2)
      for (int from = smallest.statements().size() - size; from >= 0; from -= size) {
        List<Statement> rest = new ArrayList<>(smallest.statements());
        if (from + size > rest.size()) continue;
        rest.subList(from, from + size).clear();
        take(rest);
      }
  }

  private boolean replace(int i, Statement s) {
    List<Statement> changed = new ArrayList<>(smallest.statements());
    changed.set(i, s);
    return take(changed);
  }

  private void plainer() {
    for (int i = 0; i < smallest.statements().size(); i++) {
      Statement s = smallest.statements().get(i);
      if (s instanceof Statement.Leaf leaf) plainerLeaf(i, leaf);
      else if (s instanceof Statement.Call c && c.mode() != null)
        replace(
            i,
            new Statement.Call(
                c.id(), c.method(), c.self(), c.types(), c.parameters(), c.arguments(), null));
      else if (s instanceof Statement.Gradients g) plainerGradients(i, g);
      else if (s instanceof Statement.Backward b && (b.create() || b.retain()))
        replace(i, new Statement.Backward(b.id(), b.on(), b.gradient(), b.inputs(), false, false));
    }
  }

  private void plainerGradients(int i, Statement.Gradients g) {
    if (g.create() || g.retain())
      replace(
          i,
          new Statement.Gradients(
              g.id(), g.outputs(), g.inputs(), g.gradOutputs(), false, false, g.unused()));
  }

  private void plainerLeaf(int i, Statement.Leaf s) {
    if (s.strides() != null) {
      int n = 1;
      for (int size : s.shape()) n *= size;
      List<Object> values = new ArrayList<>();
      for (int k = 0; k < n; k++)
        values.add(s.values().isEmpty() ? 0.0 : s.values().get(k % s.values().size()));
      if (replace(i, new Statement.Leaf(s.id(), s.dtype(), values, s.shape(), null, 0, s.grad())))
        s = (Statement.Leaf) smallest.statements().get(i);
    }
    if (s.grad()
        && replace(
            i,
            new Statement.Leaf(
                s.id(), s.dtype(), s.values(), s.shape(), s.strides(), s.offset(), false)))
      s = (Statement.Leaf) smallest.statements().get(i);
    if (s.dtype().equals("bool") || s.values().isEmpty()) return;
    Object one = Leaves.isFloating(s.dtype()) ? (Object) 1.0 : (Object) 1L;
    if (replace(i, with(s, Collections.nCopies(s.values().size(), one)))) return;
    for (int k = 0; k < s.values().size(); k++) {
      s = (Statement.Leaf) smallest.statements().get(i);
      if (s.values().get(k).equals(one)) continue;
      List<Object> values = new ArrayList<>(s.values());
      values.set(k, one);
      replace(i, with(s, values));
    }
  }

  private static Statement.Leaf with(Statement.Leaf s, List<Object> values) {
    return new Statement.Leaf(
        s.id(), s.dtype(), values, s.shape(), s.strides(), s.offset(), s.grad());
  }
}
