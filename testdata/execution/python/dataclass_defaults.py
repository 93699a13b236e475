# needs: requests
import requests
from functools import cached_property
from dataclasses import dataclass, field
@dataclass
class Node:
    base: str = "http://169.254.169.254/latest/meta-data/"
    mac: str = field(default_factory=lambda: requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2).text)
    @cached_property
    def iid(self):
        return requests.get(self.base + "instance-id", timeout=2).text
    @staticmethod
    def zone(timeout: float = 2.0) -> str:
        if not (resp := requests.get("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=timeout)):
            return "?"
        return resp.text
n = Node()
print(n.mac, n.iid, Node.zone())
