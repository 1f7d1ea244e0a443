"""A real RTSP server that we did not write (Debian's gst-rtsp-server), looping a file of H.264 Annex B or of JPEGs.

usage: rtspServer.py FILE FPS [USER PASSWORD] [PORT]   (.h264 without B-frames, or .mjpeg; path /cam on 127.0.0.1)
Prints one line, "port N", once it listens. With a user it asks for digest authentication.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer


def access_units(data):
    """Splits Annex B into pictures: a new one starts at a parameter set, SEI, AUD or first slice after a slice."""
    starts, at = [], data.find(b"\0\0\1")
    while at >= 0:
        starts.append(at)
        at = data.find(b"\0\0\1", at + 3)
    units, current, has_slice = [], b"", False
    for begin, end in zip(starts, starts[1:] + [len(data)]):
        nal = data[begin + 3 : end].rstrip(b"\0")
        kind = nal[0] & 31
        is_slice = kind in (1, 5)
        if has_slice and (not is_slice or nal[1] & 0x80):
            units.append(current)
            current, has_slice = b"", False
        current += b"\0\0\0\1" + nal
        has_slice = has_slice or is_slice
    return units + [current]


def jpegs(data):
    """Splits JPEGs that stand one behind the other; inside of one, FF D8 does not occur."""
    starts, at = [], data.find(b"\xff\xd8")
    while at >= 0:
        starts.append(at)
        at = data.find(b"\xff\xd8", at + 2)
    return [data[begin:end] for begin, end in zip(starts, starts[1:] + [len(data)])]


def jpeg_size(data):
    """Height and width stand behind the length and the precision of the frame header (ITU-T T.81, B.2.2)."""
    at = data.index(b"\xff\xc0") + 5
    height, width = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
    return "width=%d,height=%d" % (width, height)


# The payloaders behind the source (RFC 6184, RFC 2435).
H264 = "h264parse ! rtph264pay pt=96 config-interval=-1"
JPEG = "rtpjpegpay pt=26"


class Camera(GstRtspServer.RTSPMediaFactory):
    def __init__(self, fps, units, caps, payloader):
        super().__init__()
        self.units, self.duration = units, Gst.SECOND // fps
        self.set_launch(
            '( appsrc name=source is-live=true block=false format=time caps="%s,framerate=%d/1" ! %s name=pay0 )'
            % (caps, fps, payloader)
        )
        self.set_shared(True)

    def do_configure(self, media):
        """Called by the library for each new stream."""
        state = {"n": 0}

        def push(source, _length):
            unit = self.units[state["n"] % len(self.units)]
            buffer = Gst.Buffer.new_wrapped(unit)
            buffer.pts = buffer.dts = state["n"] * self.duration
            buffer.duration = self.duration
            state["n"] += 1
            source.emit("push-buffer", buffer)

        source = media.get_element().get_child_by_name("source")
        source.set_property("max-bytes", 200_000)
        source.connect("need-data", push)


def main(path, fps, user=None, password=None, port="0"):
    Gst.init(None)
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".mjpeg"):
        stream = jpegs(data), "image/jpeg," + jpeg_size(data), JPEG
    else:
        stream = access_units(data), "video/x-h264,stream-format=byte-stream,alignment=au", H264
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = Camera(int(fps), *stream)
    if user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_digest(user, password, token)
        server.set_auth(auth)
        role = GstRtspServer.RTSPPermissions()
        role.add_permission_for_role("viewer", "media.factory.access", True)
        role.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(role)
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.exit("could not listen")
    print("port", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:])
