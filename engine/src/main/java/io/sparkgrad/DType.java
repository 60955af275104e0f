package io.sparkgrad;

/** The type of a tensor's numbers, named as in PyTorch. */
public enum DType {
  BOOL("bool", 1, Category.BOOL, Elements.BOOLEANS, "BOOL", "unsigned char", "u8"),
  INT32("int32", 4, Category.INTEGER, Elements.INTS, "I32", "int", "i32"),
  INT64("int64", 8, Category.INTEGER, Elements.LONGS, "I64", "long long", "i64"),
  FLOAT32("float32", 4, Category.FLOATING, Elements.FLOATS, "F32", "float", "f32"),
  FLOAT64("float64", 8, Category.FLOATING, Elements.DOUBLES, "F64", "double", "f64");

  /** Kinds of numbers, in the order in which they win a promotion. */
  enum Category {
    BOOL,
    INTEGER,
    FLOATING
  }

  private final String torchName;
  private final int bytes;
  private final Category category;
  private final Elements<?> elements;
  private final String fileName;
  private final String cName;
  private final String kernelSuffix;

  DType(
      String torchName,
      int bytes,
      Category category,
      Elements<?> elements,
      String fileName,
      String cName,
      String kernelSuffix) {
    this.torchName = torchName;
    this.bytes = bytes;
    this.category = category;
    this.elements = elements;
    this.fileName = fileName;
    this.cName = cName;
    this.kernelSuffix = kernelSuffix;
  }

  /** Whether numbers of this type can have a gradient. */
  public boolean isFloatingPoint() {
    return category == Category.FLOATING;
  }

  /** Bytes of one number on a GPU and in a file. */
  public int bytes() {
    return bytes;
  }

  Category category() {
    return category;
  }

  /** How numbers of this type lie in a Java array; A must be its type. */
  @SuppressWarnings("unchecked")
  <A> Elements<A> elements() {
    return (Elements<A>) elements;
  }

  /** What safetensors files call it. */
  public String fileName() {
    return fileName;
  }

  /** What CUDA C calls it. */
  public String cName() {
    return cName;
  }

  /** What ends the name of a kernel over it. */
  public String kernelSuffix() {
    return kernelSuffix;
  }

  /** This type where it is floating, else the default float32: what a division or an exp gives. */
  public DType orFloat() {
    return isFloatingPoint() ? this : FLOAT32;
  }

  /**
   * The type in which several operands meet (PyTorch's result_type): the highest kind wins; within
   * it the widest type, where 0-dim tensors count less than tensors with dimensions, and Java
   * numbers less than both: they raise the kind alone, to the default float32 or int64.
   */
  public static DType promote(Tensor... operands) {
    DType dims = null;
    DType zeroDim = null;
    DType number = null;
    for (Tensor t : operands) {
      if (t.dim() > 0) dims = wider(dims, t.dtype());
      else if (!t.isNumber()) zeroDim = wider(zeroDim, t.dtype());
      else number = wider(number, t.dtype().isFloatingPoint() ? FLOAT32 : INT64);
    }
    return join(dims, join(zeroDim, number));
  }

  private static DType wider(DType a, DType b) {
    return a == null || b.ordinal() > a.ordinal() ? b : a;
  }

  /* The weaker operand raises the kind of the result, never its width. */
  private static DType join(DType strong, DType weak) {
    if (strong == null) return weak;
    return weak != null && weak.category.compareTo(strong.category) > 0 ? weak : strong;
  }

  /** Whether an in-place operation may write a result of this type into {@code target}. */
  public boolean castsTo(DType target) {
    return category.compareTo(target.category) <= 0;
  }

  /** {@code torch.float32}: what PyTorch prints. */
  @Override
  public String toString() {
    return "torch." + torchName;
  }
}
