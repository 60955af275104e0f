package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tape as a picture: text that Graphviz draws. */
public final class Graphviz {
  private Graphviz() {}

  /**
   * The operations that a tensor was computed by, as Graphviz text: {@code dot -Tsvg} draws it.
   * Boxes are leaves, arrows show where gradients go.
   */
  public static String dot(Tensor tensor) {
    Edge root = tensor.gradientEdge();
    StringBuilder text = new StringBuilder("digraph tape {\n");
    if (root != null) append(root.node(), text);
    return text.append("}\n").toString();
  }

  private static void append(Node root, StringBuilder text) {
    Map<Node, Integer> numbers = new LinkedHashMap<>();
    ArrayDeque<Node> stack = new ArrayDeque<>();
    visit(root, numbers, stack, text);
    while (!stack.isEmpty()) {
      Node node = stack.pop();
      for (int i = 0; i < node.inputs(); i++) {
        Edge next = node.next(i);
        if (next == null) continue;
        int to = visit(next.node(), numbers, stack, text);
        text.append("  n").append(numbers.get(node)).append(" -> n").append(to);
        if (next.node().outputs() > 1) text.append(" [label=\"").append(next.index()).append("\"]");
        text.append(";\n");
      }
    }
  }

  private static int visit(
      Node node, Map<Node, Integer> numbers, ArrayDeque<Node> stack, StringBuilder text) {
    Integer known = numbers.get(node);
    if (known != null) return known;
    int number = numbers.size();
    numbers.put(node, number);
    stack.push(node);
    text.append("  n").append(number).append(" [label=\"").append(node.name());
    if (node instanceof AccumulateGrad) {
      text.append("\\n").append(Arrays.toString(node.shape(0))).append("\", shape=box];\n");
    } else {
      text.append("\"];\n");
    }
    return number;
  }
}
