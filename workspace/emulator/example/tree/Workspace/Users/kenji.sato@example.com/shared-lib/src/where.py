import subprocess


def availability_zone():
    return subprocess.check_output(
        ["curl", "-s", "http://169.254.169.254/latest/meta-data/placement/availability-zone"], text=True
    )
