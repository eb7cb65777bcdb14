/** The model that this process works with: opened once, with its engine, its trainer and its resident adapters. */
package dev.prag.runtime;
