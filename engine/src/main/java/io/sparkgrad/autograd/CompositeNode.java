package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A method made of several operations, as the one node that PyTorch records for it. Its next edges
 * are those of the method's inputs; the nodes of the operations lie inside, where the tape does not
 * show them, and its derivative runs them, later operations first. A pass that records records
 * their derivatives, so that higher orders follow as they do without the node around them.
 */
public final class CompositeNode extends Node {
  private static final int NOWHERE = Integer.MAX_VALUE;

  private final String name;
  private final Node[] inner; // in the order of backward
  private final Edge[] roots; // where the gradients of the outputs enter; null for one without
  private final int[][] targets; // of each inner edge: an inner node, or -1 - i for the i-th input
  private final int[] rootTargets;
  private final int[][] shapes;
  private final DType[] dtypes;
  private final int outputs; // but for the last ones that have no gradient
  private final boolean unpacks;

  private CompositeNode(String name, Inside inside, Tensor... outputs) {
    super(inside.outer.toArray(Edge[]::new));
    this.name = name;
    inner = inside.nodes.toArray(Node[]::new);
    roots = inside.roots;
    targets = new int[inner.length][];
    boolean packed = false;
    for (int n = 0; n < inner.length; n++) {
      inner[n].setPart();
      packed |= inner[n].runsUserCode();
      targets[n] = new int[inner[n].inputs()];
      for (int i = 0; i < targets[n].length; i++) targets[n][i] = inside.target(inner[n].next(i));
    }
    unpacks = packed;
    int count = 0;
    rootTargets = new int[roots.length];
    shapes = new int[roots.length][];
    dtypes = new DType[roots.length];
    for (int o = 0; o < roots.length; o++) {
      rootTargets[o] = inside.target(roots[o]);
      if (roots[o] != null) count = o + 1;
      if (outputs[o] == null) continue;
      shapes[o] = outputs[o].shape();
      dtypes[o] = outputs[o].dtype();
    }
    this.outputs = count;
  }

  /** The histories of a method's inputs before it ran. */
  public static final class Start {
    private final List<Edge> inputs = new ArrayList<>();
    private final long mark;

    public Start(Tensor... inputs) {
      GraphTask pass = GraphTask.current();
      boolean derives = pass != null && pass.running() != null;
      long last = Math.max(lastRecorded(), derives ? pass.running().recorded() : 0);
      for (Tensor t : inputs) {
        Edge edge = t == null ? null : t.gradientEdge();
        this.inputs.add(edge);
        if (edge != null) last = Math.max(last, edge.node().recorded());
      }
      mark = last;
    }

    /** Whether the method made it. */
    private boolean isInside(Edge edge) {
      return edge != null && edge.node().recorded() > mark;
    }
  }

  /**
   * Makes one node of what was recorded since the start; a single operation of just these inputs
   * gets the name.
   */
  public static void record(String name, Start start, Tensor... outputs) {
    Edge[] roots = new Edge[outputs.length];
    boolean any = false;
    for (int o = 0; o < outputs.length; o++) {
      if (outputs[o] == null) continue;
      roots[o] = outputs[o].gradientEdge();
      any |= start.isInside(roots[o]);
    }
    if (!any) return;
    Inside inside = new Inside(start, roots);
    if (inside.nodes.size() == 1
        && inside.nodes.get(0) instanceof OpNode only
        && only.nextFunctions().equals(start.inputs)) {
      only.setName(name);
      return;
    }
    CompositeNode node = new CompositeNode(name, inside, outputs);
    for (int o = 0; o < outputs.length; o++)
      if (start.isInside(roots[o])) outputs[o].setHistory(node, o);
  }

  /** The nodes between the outputs of a method and its inputs. */
  private static final class Inside {
    private final Start start;
    private final Edge[] roots;
    private final List<Edge> outer;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node, Integer> places = new IdentityHashMap<>();

    Inside(Start start, Edge... roots) {
      this.start = start;
      this.roots = roots;
      outer = new ArrayList<>(start.inputs);
      ArrayDeque<Node> stack = new ArrayDeque<>();
      for (Edge root : roots) visit(root, stack);
      while (!stack.isEmpty()) {
        Node node = stack.pop();
        for (int i = 0; i < node.inputs(); i++) visit(node.next(i), stack);
      }
      nodes.sort(Comparator.comparingLong(Node::recorded).reversed());
      for (int i = 0; i < nodes.size(); i++) places.put(nodes.get(i), i);
    }

    private void visit(Edge edge, ArrayDeque<Node> stack) {
      if (edge == null) return;
      if (!start.isInside(edge)) {
        if (!outer.contains(edge)) outer.add(edge);
      } else if (places.put(edge.node(), 0) == null) {
        nodes.add(edge.node());
        stack.push(edge.node());
      }
    }

    int target(Edge edge) {
      if (edge == null) return NOWHERE;
      Integer place = places.get(edge.node());
      return place != null ? place : -1 - outer.indexOf(edge);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  Tensor[] apply(Tensor[] grads) {
    Tensor[] answers = new Tensor[inputs()];
    Tensor[][] arrived = new Tensor[inner.length][];
    for (int o = 0; o < grads.length; o++)
      deliver(rootTargets[o], roots[o], grads[o], o, arrived, answers);
    for (int n = 0; n < inner.length; n++) {
      if (arrived[n] == null) continue;
      Tensor[] out = inner[n].apply(arrived[n]);
      for (int i = 0; i < out.length; i++)
        deliver(targets[n][i], inner[n].next(i), out[i], i, arrived, answers);
    }
    return answers;
  }

  private void deliver(
      int target, Edge edge, Tensor grad, int output, Tensor[][] arrived, Tensor[] answers) {
    if (target == NOWHERE || grad == null) return;
    Tensor g = GraphTask.fit(grad, edge, this, output);
    if (target >= 0 && arrived[target] == null)
      arrived[target] = new Tensor[inner[target].outputs()];
    Tensor[] to = target >= 0 ? arrived[target] : answers;
    int at = target >= 0 ? edge.index() : -1 - target;
    to[at] = to[at] == null ? g : to[at].add(g);
  }

  @Override
  public void keepInstead(Tensor result, Tensor target) {
    for (Node node : inner) node.keepInstead(result, target);
    if (!isPart()) dtypes[0] = target.dtype();
  }

  /* What this pass still visits by itself, since a derivative led there, keeps its tensors. */
  @Override
  void release() {
    GraphTask pass = GraphTask.current();
    for (Node node : inner) if (pass == null || !pass.visits(node)) node.release();
  }

  @Override
  boolean runsUserCode() {
    return unpacks;
  }

  @Override
  int[] shape(int output) {
    return shapes[output];
  }

  @Override
  DType dtype(int output) {
    return dtypes[output];
  }

  @Override
  int outputs() {
    return outputs;
  }
}
