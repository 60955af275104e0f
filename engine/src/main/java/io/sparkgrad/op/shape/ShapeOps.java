package io.sparkgrad.op.shape;

import io.sparkgrad.op.Op;
import io.sparkgrad.op.kernel.TensorGeometry;
import java.util.List;

/** The registered operations of shape. */
public final class ShapeOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new AsStrided(TensorGeometry.SCALAR, TensorGeometry.SCALAR),
          new AsStridedAdjoint(1, TensorGeometry.SCALAR),
          new Cat(0),
          new CopySlices(TensorGeometry.SCALAR, TensorGeometry.SCALAR),
          new Diag(0),
          new Diagonal(0, 0, 1),
          new Expand(),
          new Flip(),
          new Narrow(0, 0, 0),
          new Permute(),
          new Roll(0, 0),
          new Select(0, 0),
          new Slice(0, 0, 0, 1),
          new Split(new int[0], 0),
          new Transpose(0, 0),
          new Triangle(true, 0),
          new Unfold(0, 0, 1),
          new Unbind(0),
          new View(),
          new ViewAdjoint(new Narrow(0, 0, 0), 0));

  private ShapeOps() {}
}
