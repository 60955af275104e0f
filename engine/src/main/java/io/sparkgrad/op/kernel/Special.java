package io.sparkgrad.op.kernel;

/**
 * Functions of one number that Java's Math lacks, to an error of about one unit in the last place.
 */
public final class Special {
  public static final double LN2 = 0.6931471805599453;
  public static final double LN10 = 2.302585092994046;
  public static final double ROOT_HALF = 0.7071067811865476;
  public static final double TWO_BY_ROOT_PI = 1.1283791670955126;
  /* Beyond it a square adds nothing to 1, or overflows. */
  private static final double LARGE = 1e8;

  /*
   * erf and erfc by the rational approximations of fdlibm's s_erf.c (Sun Microsystems 1993, free to use, copy and
   * modify with this notice), highest power last.
   */
  private static final double SHIFT = 8.45062911510467529297e-01;
  private static final double[] SMALL_P = {
    1.28379167095512558561e-01,
    -3.25042107247001499370e-01,
    -2.84817495755985104766e-02,
    -5.77027029648944159157e-03,
    -2.37630166566501626084e-05
  };
  private static final double[] SMALL_Q = {
    1.0,
    3.97917223959155352819e-01,
    6.50222499887672944485e-02,
    5.08130628187576562776e-03,
    1.32494738004321644526e-04,
    -3.96022827877536812320e-06
  };
  private static final double[] MIDDLE_P = {
    -2.36211856075265944077e-03,
    4.14856118683748331666e-01,
    -3.72207876035701323847e-01,
    3.18346619901161753674e-01,
    -1.10894694282396677476e-01,
    3.54783043256182359371e-02,
    -2.16637559486879084300e-03
  };
  private static final double[] MIDDLE_Q = {
    1.0,
    1.06420880400844228286e-01,
    5.40397917702171048937e-01,
    7.18286544141962662868e-02,
    1.26171219808761642112e-01,
    1.36370839120290507362e-02,
    1.19844998467991074170e-02
  };
  private static final double[] NEAR_P = {
    -9.86494403484714822705e-03,
    -6.93858572707181764372e-01,
    -1.05586262253232909814e+01,
    -6.23753324503260060396e+01,
    -1.62396669462573470355e+02,
    -1.84605092906711035994e+02,
    -8.12874355063065934246e+01,
    -9.81432934416914548592e+00
  };
  private static final double[] NEAR_Q = {
    1.0,
    1.96512716674392571292e+01,
    1.37657754143519042600e+02,
    4.34565877475229228821e+02,
    6.45387271733267880336e+02,
    4.29008140027567833386e+02,
    1.08635005541779435134e+02,
    6.57024977031928170135e+00,
    -6.04244152148580987438e-02
  };
  private static final double[] FAR_P = {
    -9.86494292470009928597e-03,
    -7.99283237680523006574e-01,
    -1.77579549177547519889e+01,
    -1.60636384855821916062e+02,
    -6.37566443368389627722e+02,
    -1.02509513161107724954e+03,
    -4.83519191608651397019e+02
  };
  private static final double[] FAR_Q = {
    1.0,
    3.03380607434824582924e+01,
    3.25792512996573918826e+02,
    1.53672958608443695994e+03,
    3.19985821950859553908e+03,
    2.55305040643316442583e+03,
    4.74528541206955367215e+02,
    -2.24409524465858183362e+01
  };

  private static final double[] INVERSE = {
    1.50140941,
    0.246640727,
    -0.00417768164,
    -0.00125372503,
    0.00021858087,
    -4.39150654e-06,
    -3.5233877e-06,
    3.43273939e-07,
    2.81022636e-08
  };
  private static final double[] INVERSE_TAIL = {
    2.83297682,
    1.00167406,
    0.00943887047,
    -0.0076224613,
    0.00573950773,
    -0.00367342844,
    0.00134934322,
    0.000100950558,
    -0.000200214257
  };

  private Special() {}

  /** As C's: 1 of every exponent is 1, of NaN, too, and so is -1 of an infinite one. */
  public static double pow(double x, double exponent) {
    double y = Math.pow(x, exponent);
    return y != y && (x == 1 || x == -1 && Double.isInfinite(exponent)) ? 1 : y;
  }

  public static double asinh(double x) {
    double a = Math.abs(x);
    double y = a > LARGE ? Math.log(a) + LN2 : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
    return Math.copySign(y, x);
  }

  public static double acosh(double x) {
    if (x < 1) return Double.NaN;
    if (x > LARGE) return Math.log(x) + LN2;
    double t = x - 1;
    return Math.log1p(t + Math.sqrt(2 * t + t * t));
  }

  public static double atanh(double x) {
    double a = Math.abs(x);
    return Math.copySign(0.5 * Math.log1p(2 * a / (1 - a)), x);
  }

  public static double erf(double x) {
    double a = Math.abs(x);
    if (a < 0.84375) return x + x * ratio(SMALL_P, SMALL_Q, x * x);
    if (a < 1.25) return Math.copySign(SHIFT + ratio(MIDDLE_P, MIDDLE_Q, a - 1), x);
    return Math.copySign(1 - tail(a), x);
  }

  public static double erfc(double x) {
    double a = Math.abs(x);
    if (a < 0.84375) {
      double y = ratio(SMALL_P, SMALL_Q, x * x);
      return x < 0.25 ? 1 - (x + x * y) : 0.5 - (x - 0.5 + x * y);
    }
    double upper = a < 1.25 ? 1 - SHIFT - ratio(MIDDLE_P, MIDDLE_Q, a - 1) : tail(a);
    return x > 0 ? upper : 2 - upper;
  }

  /**
   * The inverse of erf: Giles, "Approximating the erfinv function", 2011, made exact by Newton's
   * steps.
   */
  public static double erfinv(double x) {
    double a = Math.abs(x);
    if (!(a < 1)) return a == 1 ? Math.copySign(Double.POSITIVE_INFINITY, x) : Double.NaN;
    double w = -Math.log((1 - a) * (1 + a));
    double y =
        a * (w < 5 ? polynomial(INVERSE, w - 2.5) : polynomial(INVERSE_TAIL, Math.sqrt(w) - 3));
    for (int i = 0; i < 4; i++) {
      double slope = TWO_BY_ROOT_PI * Math.exp(-y * y);
      /* Far out the logarithm of erfc is nearly a parabola. */
      if (a < 0.5) y -= (erf(y) - a) / slope;
      else y += erfc(y) / slope * Math.log(erfc(y) / (1 - a));
    }
    return Math.copySign(y, x);
  }

  /* erfc of a number from 1.25 on, NaN for NaN. The square is taken in two parts, the first exact. */
  private static double tail(double a) {
    if (a >= 28) return 0;
    double s = 1 / (a * a);
    double r = a < 1 / 0.35 ? ratio(NEAR_P, NEAR_Q, s) : ratio(FAR_P, FAR_Q, s);
    double head = Double.longBitsToDouble(Double.doubleToRawLongBits(a) & 0xffffffff00000000L);
    return Math.exp(-head * head - 0.5625) * Math.exp((head - a) * (head + a) + r) / a;
  }

  private static double ratio(double[] p, double[] q, double x) {
    return polynomial(p, x) / polynomial(q, x);
  }

  private static double polynomial(double[] c, double x) {
    double y = 0;
    for (int i = c.length - 1; i >= 0; i--) y = y * x + c[i];
    return y;
  }
}
