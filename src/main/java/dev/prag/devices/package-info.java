/** Which device computes: one place turns the word that a user gives into one, and knows what this machine has. */
package dev.prag.devices;
