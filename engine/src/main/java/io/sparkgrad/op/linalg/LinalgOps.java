package io.sparkgrad.op.linalg;

import io.sparkgrad.op.Op;
import java.util.List;

/** The registered operations of linear algebra. */
public final class LinalgOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new AddProduct(1, 1),
          new Bmm(),
          new Cdist(2),
          new Cholesky(false),
          new Det(),
          new Inverse(),
          new Linear(),
          new Mm(),
          new Norm(2, new int[0], false),
          new Renorm(2, 0, 1),
          new Slogdet(),
          new Solve(),
          new TriangularSolve(false, false, false));

  private LinalgOps() {}
}
