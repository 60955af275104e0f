package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * One backward pass, on the calling thread. Discovery walks the tape once with a stack of its own,
 * so a chain of any depth fits, and counts how many gradients each node has to wait for; then the
 * nodes run, later operations first.
 */
final class GraphTask {
  private static final ThreadLocal<GraphTask> CURRENT = new ThreadLocal<>();

  /* Passes inside each other on one stack. */
  private static final int MAX_DEPTH = 60;

  private final boolean retainGraph;
  private final boolean createGraph;
  private final Map<Node, Pending> pending = new HashMap<>();
  private final PriorityQueue<Pending> ready =
      new PriorityQueue<>(Comparator.comparingLong((Pending p) -> p.node.priority()).reversed());
  private final List<Runnable> callbacks = new ArrayList<>();
  /* Edges whose gradients grad() was asked for; null in backward(), which fills the leaves. */
  private Map<Edge, Tensor> captured;
  private Node running;
  private int depth;
  private boolean ranUserCode;

  GraphTask(boolean retainGraph, boolean createGraph) {
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
  }

  /** The gradients that have arrived for one node so far. */
  private static final class Pending {
    final Node node;
    Tensor[] grads;
    /* Whether grads[i] is ours alone, so that a leaf may keep it and a further sum may be written into it. */
    final boolean[] owned;
    int missing;
    boolean needed = true;
    boolean captured;

    Pending(Node node) {
      this.node = node;
      grads = new Tensor[node.outputs()];
      owned = new boolean[node.outputs()];
    }

    boolean isEmpty() {
      for (Tensor g : grads) if (g != null) return false;
      return true;
    }
  }

  /** The innermost pass of this thread, or null. */
  static GraphTask current() {
    return CURRENT.get();
  }

  static void inherit(GraphTask task) {
    if (task == null) CURRENT.remove();
    else CURRENT.set(task);
  }

  /** The node whose derivative is being computed, or null. */
  Node running() {
    return running;
  }

  /** Whether something else than our own derivatives had a hand in the gradients. */
  boolean ranUserCode() {
    return ranUserCode;
  }

  /** Whether this pass shows the gradients of the node's outputs to their hooks. */
  boolean visits(Node node) {
    Pending p = pending.get(node);
    return p != null && (p.needed || p.captured);
  }

  void queue(Runnable callback) {
    callbacks.add(callback);
  }

  /** Adds the gradients of the roots to the given edges, or to every leaf if they are null. */
  void backward(List<Edge> roots, List<Tensor> seeds, List<Edge> inputs) {
    run(
        roots,
        seeds,
        () -> {
          if (inputs != null) prune(inputs);
        });
  }

  /** The gradients at the given edges, null where the roots do not depend on them. */
  Tensor[] grad(List<Edge> roots, List<Tensor> seeds, List<Edge> inputs) {
    captured = new HashMap<>();
    for (Edge input : inputs) captured.put(input, null);
    run(roots, seeds, this::pruneToCaptured);
    return inputs.stream().map(captured::get).toArray(Tensor[]::new);
  }

  private void run(List<Edge> roots, List<Tensor> seeds, Runnable prune) {
    GraphTask outer = CURRENT.get();
    depth = outer == null ? 0 : outer.depth + 1;
    if (depth % MAX_DEPTH == MAX_DEPTH - 1) {
      ReentrantBackward.run(outer, () -> runHere(outer, roots, seeds, prune));
    } else {
      runHere(outer, roots, seeds, prune);
    }
  }

  private void runHere(GraphTask outer, List<Edge> roots, List<Tensor> seeds, Runnable prune) {
    CURRENT.set(this);
    try (var mode = Grad.setGradEnabled(createGraph)) {
      discover(roots);
      prune.run();
      for (int i = 0; i < roots.size(); i++) deliver(roots.get(i), seeds.get(i), false, null, i);
      runNodes();
      for (int i = 0; i < callbacks.size(); i++) callbacks.get(i).run(); // one may queue another
    } finally {
      inherit(outer);
    }
  }

  private void runNodes() {
    Anomaly anomaly = Anomaly.current();
    for (Pending p; (p = ready.poll()) != null; ) {
      if (anomaly == null) step(p);
      else anomaly.watch(p.node, p, this::step);
    }
  }

  private void discover(List<Edge> roots) {
    ArrayDeque<Node> stack = new ArrayDeque<>();
    for (Edge root : roots) visit(root, stack);
    while (!stack.isEmpty()) {
      Node node = stack.pop();
      for (int i = 0; i < node.inputs(); i++) if (node.next(i) != null) visit(node.next(i), stack);
    }
  }

  private void visit(Edge edge, ArrayDeque<Node> stack) {
    Pending p = pending.get(edge.node());
    if (p == null) {
      p = new Pending(edge.node());
      pending.put(edge.node(), p);
      stack.push(edge.node());
    }
    p.missing++;
  }

  private void pruneToCaptured() {
    for (Pending p : inOrder()) {
      p.needed = false;
      for (int i = 0; i < p.node.inputs() && !p.needed; i++) {
        Edge next = p.node.next(i);
        p.needed = next != null && (captured.containsKey(next) || pending.get(next.node()).needed);
      }
    }
    for (Edge edge : captured.keySet()) {
      Pending p = pending.get(edge.node());
      if (p != null) p.captured = true;
    }
  }

  /* Marks what does not lead to one of the inputs, so that it never runs. */
  private void prune(List<Edge> inputs) {
    List<Pending> inOrder = inOrder();
    for (Pending p : inOrder) p.needed = false;
    for (Edge edge : inputs) if (visits(edge)) pending.get(edge.node()).needed = true;
    for (Pending p : inOrder) {
      for (int i = 0; i < p.node.inputs() && !p.needed; i++) {
        p.needed = p.node.next(i) != null && pending.get(p.node.next(i).node()).needed;
      }
    }
  }

  private boolean visits(Edge edge) {
    return pending.containsKey(edge.node());
  }

  private List<Pending> inOrder() {
    List<Pending> inOrder = new ArrayList<>(pending.values());
    inOrder.sort(Comparator.comparingLong(p -> p.node.recorded()));
    return inOrder;
  }

  private void step(Pending p) {
    Node node = p.node;
    boolean reached = !p.isEmpty() && (p.needed || p.captured);
    boolean wanted = reached && (!(node instanceof AccumulateGrad a) || a.isWanted());
    NodeHooks hooks = reached ? node.hooks() : null;
    if (hooks != null && wanted) show(p, hooks);
    if (p.captured) capture(p);
    boolean runs = p.needed && !p.isEmpty();
    if (runs && hooks != null) p.grads = hooks.runBefore(p.grads);
    if (node instanceof AccumulateGrad leaf) {
      if (runs) accumulate(leaf, p, wanted, hooks);
      return;
    }
    boolean after = runs && hooks != null && hooks.hasAfter();
    Tensor[] out = runs ? apply(node, p.grads) : new Tensor[node.inputs()];
    boolean[] ours = node.runsUserCode() ? new boolean[out.length] : ours(out, p.grads);
    if (runs && Anomaly.current() != null) Anomaly.current().check(node, out);
    if (after) {
      out = hooks.runAfter(fit(out, node), p.grads);
      Arrays.fill(ours, false);
    }
    if (!retainGraph && p.needed && !node.isPart()) node.release();
    for (int i = 0; i < node.inputs(); i++) {
      if (node.next(i) != null) deliver(node.next(i), out[i], ours[i], node, i);
    }
    if (!node.runsUserCode())
      for (int i = 0; i < p.grads.length; i++) if (p.owned[i]) free(p.grads[i], out);
    Arrays.fill(p.grads, null);
  }

  /* What a hook has seen it may keep: we neither add to it nor free it. */
  private void show(Pending p, NodeHooks hooks) {
    ranUserCode = true;
    Arrays.fill(p.owned, false);
    hooks.arrived(p.grads);
  }

  private void accumulate(AccumulateGrad leaf, Pending p, boolean wanted, NodeHooks hooks) {
    if (p.grads[0] == null) return;
    boolean taken = wanted && leaf.accumulate(p.grads[0], p.owned[0], createGraph, hooks);
    if (p.owned[0] && !taken) free(p.grads[0]);
    if (hooks != null) hooks.runAfter(new Tensor[0], p.grads);
  }

  private Tensor[] apply(Node node, Tensor[] grads) {
    Node outer = running;
    running = node;
    try {
      ranUserCode |= node.runsUserCode();
      Profiler profiler = Profiler.current();
      if (profiler == null) return derive(node, grads);
      return profiler.backward(node, () -> derive(node, grads));
    } finally {
      running = outer;
    }
  }

  /* What a derivative makes on its way is freed at once, unless a graph of it, or code of the user, holds on to it. */
  private Tensor[] derive(Node node, Tensor[] grads) {
    if (createGraph || node.runsUserCode()) return node.apply(grads);
    try (TensorScope scope = TensorScope.open(node::name)) {
      Tensor[] out = node.apply(grads);
      scope.keep(out);
      return out;
    }
  }

  /* A gradient that nobody else holds has served when its node has run. */
  private void free(Tensor grad, Tensor... unless) {
    if (grad == null || createGraph) return;
    for (Tensor t : unless) if (t != null && t.storage().sharesWith(grad.storage())) return;
    grad.storage().free();
  }

  private void capture(Pending p) {
    for (int i = 0; i < p.grads.length; i++) {
      Edge edge = new Edge(p.node, i);
      if (!captured.containsKey(edge)) continue;
      captured.put(edge, p.grads[i]);
      p.owned[i] = false;
    }
  }

  private static boolean[] ours(Tensor[] out, Tensor[] grads) {
    boolean[] ours = new boolean[out.length];
    for (int i = 0; i < out.length; i++) ours[i] = isOurs(i, out, grads);
    return ours;
  }

  /**
   * Whether out[i] is new and can be added to: neither one of the incoming gradients nor handed to
   * another input as well, and no number of it shown twice, as expand does.
   */
  private static boolean isOurs(int i, Tensor[] out, Tensor[] grads) {
    if (out[i] == null || !out[i].isContiguous()) return false;
    for (Tensor g : grads) if (g != null && g.storage().sharesWith(out[i].storage())) return false;
    for (int j = 0; j < out.length; j++) {
      if (j != i && out[j] != null && out[j].storage().sharesWith(out[i].storage())) return false;
    }
    return true;
  }

  private void deliver(Edge edge, Tensor grad, boolean owned, Node from, int output) {
    Pending p = pending.get(edge.node());
    int i = edge.index();
    if (grad != null) {
      Tensor g = fit(grad, edge, from, output);
      boolean isNew = !g.storage().sharesWith(grad.storage());
      if (isNew && owned) free(grad);
      boolean mine = owned || isNew;
      if (p.grads[i] == null) {
        p.grads[i] = g;
        p.owned[i] = mine;
      } else if (p.owned[i] && !createGraph && !p.grads[i].isSparse()) {
        p.grads[i].add_(g);
        if (mine) free(g);
      } else {
        p.grads[i] = p.grads[i].add(g);
        p.owned[i] = true;
      }
    }
    if (--p.missing == 0) ready.add(p);
  }

  /* What a hook of the node sees and may replace are the gradients as the inputs need them. */
  private static Tensor[] fit(Tensor[] grads, Node node) {
    Tensor[] fitted = grads.clone();
    for (int i = 0; i < grads.length; i++)
      if (grads[i] != null && node.next(i) != null)
        fitted[i] = fit(grads[i], node.next(i), node, i);
    return fitted;
  }

  /**
   * Broadcasting and promotion undone, once and for all operations: the gradient as the edge's
   * tensor needs it.
   */
  static Tensor fit(Tensor grad, Edge edge, Node from, int output) {
    int[] shape = edge.node().shape(edge.index());
    if (!Arrays.equals(grad.shape(), shape)) {
      if (!Shape.expandsTo(shape, grad.shape())) {
        throw new AutogradException(
            "Function %s returned an invalid gradient at index %s - got %s but expected shape compatible with %s"
                .formatted(
                    from == null ? "GraphRoot" : from.name(),
                    output,
                    Arrays.toString(grad.shape()),
                    Arrays.toString(shape)));
      }
      grad = grad.sumTo(shape);
    }
    return grad.to(edge.node().dtype(edge.index()));
  }
}
