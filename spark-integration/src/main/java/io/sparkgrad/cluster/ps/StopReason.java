package io.sparkgrad.cluster.ps;

/** Why a run ended well. */
public enum StopReason {
  EPOCHS("all epochs are done"),
  PATIENCE("no epoch was better for as long as the patience"),
  TIME("the time is over"),
  REQUEST("its user stopped it");

  private final String text;

  StopReason(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
