"""Where steps run. Every target takes a job and returns an outcome; none of them calls back."""
