package io.sparkgrad.autograd;

/** Where a gradient goes: the {@code index}-th output of a node. */
public record Edge(Node node, int index) {
  @Override
  public String toString() {
    return "(" + node.name() + ", " + index + ")";
  }
}
