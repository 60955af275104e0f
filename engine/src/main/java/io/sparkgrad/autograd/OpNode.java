package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;

/** A recorded call of an operation: its edges, and the tensors its derivative needs. */
public final class OpNode extends Node implements Context {
  private final Op op;
  private String name;
  private final int[][] inputShapes;
  private final DType[] inputDTypes;
  private final Device[] inputDevices;
  private int[][] outputShapes;
  private DType[] outputDTypes;
  private int outputs; // but for the last ones that have no gradient
  private final SavedTensors saved = new SavedTensors(this);

  public OpNode(Op op, Tensor... inputs) {
    super(edges(inputs));
    this.op = op;
    name = op.nodeName(inputs);
    inputShapes = new int[inputs.length][];
    inputDTypes = new DType[inputs.length];
    inputDevices = new Device[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      inputShapes[i] = inputs[i].shape();
      inputDTypes[i] = inputs[i].dtype();
      inputDevices[i] = inputs[i].device();
    }
  }

  private static Edge[] edges(Tensor[] inputs) {
    Edge[] edges = new Edge[inputs.length];
    for (int i = 0; i < inputs.length; i++) edges[i] = inputs[i].gradientEdge();
    return edges;
  }

  /** Makes this node the history of the outputs that can have a gradient. */
  public void record(Tensor... outputs) {
    makeHistory(outputs);
    saved.pack();
  }

  /**
   * As {@link #record(Tensor...)}, of an in-place call, whose target takes over the history. The
   * overwritten numbers are copied if they were saved, and a saved result is kept as the target: a
   * later write to that is an error at backward.
   *
   * @param before the first input: the target's numbers and its history until now
   */
  public void recordWrite(Tensor before, Tensor result, Tensor target) {
    makeHistory(result);
    saved.keepApart(before);
    Ops.overwrite(op.name(), target, result);
    target.rebase(result);
    keepInstead(result, target);
    saved.pack();
  }

  @Override
  public void keepInstead(Tensor result, Tensor target) {
    saved.keepInstead(result, target);
    if (!isPart()) outputDTypes[0] = target.dtype();
  }

  private void makeHistory(Tensor... outputs) {
    outputShapes = new int[outputs.length][];
    outputDTypes = new DType[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      outputShapes[i] = outputs[i].shape();
      outputDTypes[i] = outputs[i].dtype();
      if (!outputDTypes[i].isFloatingPoint()) continue;
      outputs[i].setHistory(this, i);
      this.outputs = i + 1;
    }
  }

  @Override
  public String name() {
    return name;
  }

  /** For the last step of several that make up one method. */
  public void setName(String name) {
    this.name = name;
  }

  @Override
  public boolean needsGrad(int input) {
    return next(input) != null;
  }

  @Override
  public void save(Tensor... tensors) {
    saved.save(tensors);
  }

  @Override
  public Tensor saved(int i) {
    return saved.getChecked(i); // apply has looked at all
  }

  @Override
  public Tensor[] allSaved() {
    return saved.unpacked();
  }

  @Override
  public int[] inputShape(int input) {
    return inputShapes[input];
  }

  @Override
  public DType inputDType(int input) {
    return inputDTypes[input];
  }

  @Override
  public Device inputDevice(int input) {
    return inputDevices[input];
  }

  @Override
  Tensor[] apply(Tensor[] grads) {
    saved.check();
    return op.gradients(this, grads);
  }

  @Override
  void release() {
    saved.release(op.runsOnce());
  }

  /* What unpacks may keep what it makes. */
  @Override
  boolean runsUserCode() {
    return saved.isPacked();
  }

  @Override
  int[] shape(int output) {
    return outputShapes[output];
  }

  @Override
  DType dtype(int output) {
    return outputDTypes[output];
  }

  @Override
  int outputs() {
    return outputs;
  }
}
