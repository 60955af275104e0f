/** Programs of the build: nothing here runs in an application. */
package io.sparkgrad.tools;
