"""A real nginx on loopback that runs the shipped deploy/nginx.conf, whole.

Only what belongs to a machine is put in its place: paths, ports, how many workers. Every word about
hosts, headers, buffers, limits and logs is the one that ships.
"""

import contextlib
import shutil
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import servers

CONFIG = Path(__file__).parents[2] / "deploy" / "nginx.conf"
CHILD_HOST, STAFF_HOST = "child.example.org", "staff.example.org"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class PlaceError(Exception):
    """The shipped file no longer says this, so it cannot be put in its place."""


class Nginx(servers.Server):
    """The front door. `upstream` is the port of what stands behind it."""

    package = "nginx-light"

    def __init__(self, upstream: int) -> None:
        program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        if program is None:
            raise servers.NotInstalledError(package=self.package)
        super().__init__()
        self._program = program
        self._upstream = upstream
        self.plain_port = 0

    @classmethod
    def before(cls, upstream: int) -> "Nginx":
        """Start one before a service and return it when it answers, as :meth:`start` does.

        One that is missing fails the test: what these tests prove is promised of the front door.
        """
        return cls(upstream).begun()

    def trusted(self) -> ssl.SSLContext:
        """Trust this server's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "child.pem"))

    def prepare(self) -> None:
        """Make one certificate for both hosts."""
        key, certificate = _self_signed(CHILD_HOST, STAFF_HOST)
        for face in ("child", "staff"):
            (self.folder / f"{face}.pem").write_bytes(certificate)
            (self.folder / f"{face}.key").write_bytes(key)

    def command(self) -> list[str]:
        self.plain_port = servers.free_port()
        (self.folder / "nginx.conf").write_text(self._placed(CONFIG.read_text()))
        return [
            self._program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"),
            "-e", "stderr", "-g", "daemon off;",
        ]  # fmt: skip

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection((servers.LOOPBACK, self.port), timeout=2).close()
            return True
        return False

    def written(self) -> str:
        """Everything that it has written anywhere: its logs, and bodies if it kept any."""
        files = [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path.name != "nginx.conf" and path.suffix != ".key"
        ]
        return "\n".join(path.read_text(errors="replace") for path in files)

    def _placed(self, text: str) -> str:
        places = {
            "worker_processes auto;": "worker_processes 1;",
            "worker_rlimit_nofile 65536;": "",
            "worker_connections 16384;": "worker_connections 256;",
            "/run/nginx.pid": f"{self.folder}/nginx.pid",
            "/var/log/nginx/": f"{self.folder}/",
            "/etc/helpline/tls/": f"{self.folder}/",
            "server 127.0.0.1:8000;": f"server {servers.LOOPBACK}:{self._upstream};",
            "listen 443 ": f"listen {servers.LOOPBACK}:{self.port} ",
            "listen 80": f"listen {servers.LOOPBACK}:{self.plain_port}",
            "http {\n": "http {\n" + "".join(
                f"{name}_temp_path {self.folder}/{name};\n" for name in _TEMPORARY
            ),
        }  # fmt: skip
        for shipped, here in places.items():
            if shipped not in text:
                raise PlaceError(shipped)
            text = text.replace(shipped, here)
        return text


def _self_signed(*hosts: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    names = [x509.DNSName(each) for each in hosts]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )
