package io.sparkgrad.autograd;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Op;
import java.util.Arrays;

/** A recorded call of an operation: its edges, and the tensors its derivative needs. */
public final class OpNode extends Node implements Context {
  private final Op op;
  private final int[][] inputShapes;
  private final DType[] inputDTypes;
  private final Device[] inputDevices;
  private int[][] outputShapes;
  private DType[] outputDTypes;
  private Tensor[] saved = {};
  private int[] versions = {};
  private Storage[] storages = {};
  private boolean freed;

  public OpNode(Op op, Tensor... inputs) {
    super(edges(inputs));
    this.op = op;
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
    outputShapes = new int[outputs.length][];
    outputDTypes = new DType[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      outputShapes[i] = outputs[i].shape();
      outputDTypes[i] = outputs[i].dtype();
      if (outputDTypes[i].isFloatingPoint()) outputs[i].setHistory(this, i);
    }
  }

  @Override
  public String name() {
    return op.nodeName();
  }

  @Override
  public boolean needsGrad(int input) {
    return next(input) != null;
  }

  @Override
  public void save(Tensor... tensors) {
    saved = tensors;
    versions = new int[tensors.length];
    storages = new Storage[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] == null) continue;
      versions[i] = tensors[i].version();
      storages[i] = tensors[i].storage();
    }
  }

  @Override
  public Tensor saved(int i) {
    if (freed) {
      throw new AutogradException(
          "Trying to backward through the graph a second time (or directly access saved tensors after they have "
              + "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
              + "Autograd.grad(). Specify retainGraph() if you need to backward through the graph a second time or "
              + "if you need to access saved tensors after calling backward. (node "
              + name()
              + ")");
    }
    Tensor t = saved[i];
    if (t != null && t.storage() == storages[i] && t.version() != versions[i]) {
      throw new AutogradException(
          "one of the variables needed for gradient computation has been modified by an inplace operation: ["
              + t.dtype()
              + " "
              + Arrays.toString(t.shape())
              + "]"
              + origin(t)
              + ", is at version "
              + t.version()
              + "; expected version "
              + versions[i]
              + " instead. "
              + name()
              + " needs the old values: use the out-of-place form, or change a clone()");
    }
    if (t != null && t.storage() != storages[i]) {
      throw new AutogradException(
          "one of the variables needed for gradient computation has been given other data by setData: ["
              + t.dtype()
              + " "
              + Arrays.toString(t.shape())
              + "]. "
              + name()
              + " needs the old values: call backward() before setData");
    }
    return t;
  }

  @Override
  public Tensor[] allSaved() {
    return saved;
  }

  private static String origin(Tensor t) {
    Edge e = t.gradientEdge();
    if (e == null || e.node() instanceof AccumulateGrad) return "";
    return ", which is output " + e.index() + " of " + e.node().name();
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
    return op.backward(this, grads);
  }

  /** A node that saved nothing can run as often as one likes. */
  @Override
  void release() {
    if (saved.length == 0) return;
    saved = new Tensor[0];
    storages = new Storage[0];
    freed = true;
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
    return outputShapes.length;
  }
}
