/** What holds on one thread until it is closed. */
package io.sparkgrad.scope;
