package io.sparkgrad;

import java.util.Arrays;

/**
 * The type of a tensor's numbers, named as in PyTorch. All that depends on a type stands here: a
 * new one is a line, its {@link Elements}, and its row and column in the table of promotions.
 */
public enum DType {
  BOOL("bool", 1, 1, 1, Category.BOOL, IntegerElements.BOOLEANS, "BOOL", "bool", "b8"),
  UINT8(
      "uint8",
      1,
      8,
      255,
      Category.INTEGER,
      IntegerElements.UNSIGNED_BYTES,
      "U8",
      "unsigned char",
      "u8"),
  INT8(
      "int8",
      1,
      7,
      Byte.MAX_VALUE,
      Category.INTEGER,
      IntegerElements.BYTES,
      "I8",
      "signed char",
      "i8"),
  INT16(
      "int16",
      2,
      15,
      Short.MAX_VALUE,
      Category.INTEGER,
      IntegerElements.SHORTS,
      "I16",
      "short",
      "i16"),
  INT32(
      "int32",
      4,
      31,
      Integer.MAX_VALUE,
      Category.INTEGER,
      IntegerElements.INTS,
      "I32",
      "int",
      "i32"),
  INT64(
      "int64",
      8,
      63,
      Long.MAX_VALUE,
      Category.INTEGER,
      IntegerElements.LONGS,
      "I64",
      "long long",
      "i64"),
  FLOAT16(
      "float16",
      2,
      11,
      65504,
      Category.FLOATING,
      FloatingElements.FLOAT16S,
      "F16",
      "float16",
      "f16"),
  BFLOAT16(
      "bfloat16",
      2,
      8,
      0x1.fep127,
      Category.FLOATING,
      FloatingElements.BFLOAT16S,
      "BF16",
      "bfloat16",
      "bf16"),
  FLOAT32(
      "float32",
      4,
      24,
      Float.MAX_VALUE,
      Category.FLOATING,
      FloatingElements.FLOATS,
      "F32",
      "float",
      "f32"),
  FLOAT64(
      "float64",
      8,
      53,
      Double.MAX_VALUE,
      Category.FLOATING,
      FloatingElements.DOUBLES,
      "F64",
      "double",
      "f64");

  /*
   * The type that two types promote to, as PyTorch's promote_types: a row a type, in the order above. Rows, not
   * a rule: uint8 and int8 meet in int16, float16 and bfloat16 in float32.
   */
  private static final String[] PROMOTED = {
    "BOOL UINT8 INT8 INT16 INT32 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "UINT8 UINT8 INT16 INT16 INT32 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "INT8 INT16 INT8 INT16 INT32 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "INT16 INT16 INT16 INT16 INT32 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "INT32 INT32 INT32 INT32 INT32 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "INT64 INT64 INT64 INT64 INT64 INT64 FLOAT16 BFLOAT16 FLOAT32 FLOAT64",
    "FLOAT16 FLOAT16 FLOAT16 FLOAT16 FLOAT16 FLOAT16 FLOAT16 FLOAT32 FLOAT32 FLOAT64",
    "BFLOAT16 BFLOAT16 BFLOAT16 BFLOAT16 BFLOAT16 BFLOAT16 FLOAT32 BFLOAT16 FLOAT32 FLOAT64",
    "FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT32 FLOAT64",
    "FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64 FLOAT64"
  };

  private static final DType[][] PROMOTIONS =
      Arrays.stream(PROMOTED)
          .map(row -> Arrays.stream(row.split(" ")).map(DType::valueOf).toArray(DType[]::new))
          .toArray(DType[][]::new);

  /** Kinds of numbers; of two that meet in a promotion the later one wins. */
  enum Category {
    BOOL,
    INTEGER,
    FLOATING
  }

  private final String torchName;
  private final int bytes;
  private final int digits;
  private final double largest;
  private final Category category;
  private final Elements<?> elements;
  private final String safetensorsName;
  private final String cName;
  private final String kernelSuffix;

  DType(
      String torchName,
      int bytes,
      int digits,
      double largest,
      Category category,
      Elements<?> elements,
      String safetensorsName,
      String cName,
      String kernelSuffix) {
    this.torchName = torchName;
    this.bytes = bytes;
    this.digits = digits;
    this.largest = largest;
    this.category = category;
    this.elements = elements;
    this.safetensorsName = safetensorsName;
    this.cName = cName;
    this.kernelSuffix = kernelSuffix;
  }

  /** Whether numbers of this type can have a gradient. */
  public boolean isFloatingPoint() {
    return category == Category.FLOATING;
  }

  /** Whether operations compute in it; float16 and bfloat16 store numbers alone. */
  public boolean isComputed() {
    return this != FLOAT16 && this != BFLOAT16;
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

  /** The name in safetensors files: F32, I64, ... */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** The type's name in CUDA C. */
  public String cName() {
    return cName;
  }

  /** The suffix of names of kernels over it: f32, i64, ... */
  public String kernelSuffix() {
    return kernelSuffix;
  }

  /** This type where it is floating, else the default float32: what a division or an exp gives. */
  public DType orFloat() {
    return isFloatingPoint() ? this : FLOAT32;
  }

  /** The type that holds what both do: PyTorch's promote_types. */
  public static DType promote(DType a, DType b) {
    return a == b ? a : PROMOTIONS[a.ordinal()][b.ordinal()];
  }

  /**
   * The type in which several operands meet (PyTorch's result_type): the highest kind wins; within
   * it tensors with dimensions go before 0-dim ones, and these before Java numbers, which stand for
   * the default float32, or for int64. Of operands of the same rank the types are promoted.
   */
  public static DType promote(Tensor... operands) {
    DType dims = null;
    DType zeroDim = null;
    DType number = null;
    for (Tensor t : operands) {
      if (t.dim() > 0) dims = meet(dims, t.dtype());
      else if (!t.isWrappedNumber()) zeroDim = meet(zeroDim, t.dtype());
      else number = meet(number, t.dtype().isFloatingPoint() ? FLOAT32 : t.dtype());
    }
    return join(dims, join(zeroDim, number));
  }

  private static DType meet(DType a, DType b) {
    return a == null ? b : promote(a, b);
  }

  /* The weaker operand matters where it is of a higher kind. */
  private static DType join(DType strong, DType weak) {
    if (strong == null) return weak;
    return weak != null && weak.category.compareTo(strong.category) > 0
        ? promote(strong, weak)
        : strong;
  }

  /** Whether an in-place operation may write a result of this type into {@code target}. */
  public boolean castsTo(DType target) {
    return category.compareTo(target.category) <= 0;
  }

  /** The largest finite number. */
  public double largest() {
    return largest;
  }

  /** Whether every whole number up to {@code magnitude} is one of this type's, to the bit. */
  boolean isExact(long magnitude) {
    return magnitude >>> digits == 0 || magnitude == 1L << digits;
  }

  /** Whether this number, fractions cut, is within the type's bounds. */
  boolean holds(Scalar v) {
    if (category == Category.BOOL) return true;
    if (v.isWhole() && category == Category.INTEGER) {
      long most = (long) largest;
      /* An unsigned type takes negative ones, as C does: -1 is its largest. */
      return v.toLong() <= most && v.toLong() >= (this == UINT8 ? -most : -most - 1);
    }
    double d = v.toDouble();
    return Double.isFinite(d) ? d <= largest && d >= least() : isFloatingPoint();
  }

  private double least() {
    if (isFloatingPoint()) return -largest;
    return this == UINT8 ? 0 : -largest - 1;
  }

  /** Whether {@code type} has every number of this type, to the bit. */
  public boolean fitsInto(DType type) {
    return promote(this, type) == type && (isFloatingPoint() || type.digits >= digits);
  }

  /** Without what PyTorch puts before it: {@code float32}. */
  String torchName() {
    return torchName;
  }

  /** {@code torch.float32}: what PyTorch prints. */
  @Override
  public String toString() {
    return "torch." + torchName;
  }
}
