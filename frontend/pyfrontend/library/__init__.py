"""What `import pyfrontend` offers to programs, behind the names in the package itself; not in the image."""
