/** Scopes: modes and settings that hold on one thread until they are closed. */
package io.sparkgrad.scope;
