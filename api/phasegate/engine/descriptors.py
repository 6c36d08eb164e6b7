"""Protocol buffer descriptors built from shapes, for the CEL checker alone.

Evaluation never sees these messages: a message reads an absent field as its zero value, and
`p99_ms <= 250` would pass on a report without `p99_ms`. proto2, since proto3 refuses two fields whose
camel-case names meet.
"""

from collections.abc import Iterable, Mapping

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, struct_pb2, timestamp_pb2

from phasegate.engine.policy import Field, Policy, Shape
from phasegate.engine.shape import parse_type

PACKAGE = "phasegate"
_F = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": (_F.TYPE_BOOL, ""),
    "int": (_F.TYPE_INT64, ""),
    "double": (_F.TYPE_DOUBLE, ""),
    "string": (_F.TYPE_STRING, ""),
    "timestamp": (_F.TYPE_MESSAGE, ".google.protobuf.Timestamp"),
    "duration": (_F.TYPE_MESSAGE, ".google.protobuf.Duration"),
    "scalar": (_F.TYPE_MESSAGE, ".google.protobuf.Value"),
    "any": (_F.TYPE_MESSAGE, ".google.protobuf.Value"),
}
_WELL_KNOWN = (timestamp_pb2, duration_pb2, struct_pb2)


class Message:
    """A message under construction; nested objects become nested messages."""

    def __init__(self, name: str, full_name: str | None = None) -> None:
        self.proto = descriptor_pb2.DescriptorProto(name=name)
        self.full_name = full_name or f"{PACKAGE}.{name}"

    def add(self, name: str, kind: str, message: str = "") -> None:
        """Add a field: `kind` as a shape writes it, or `map<string,any>`; `message` is what `object` means."""
        parsed = parse_type(kind.replace("any", "object"))
        if parsed is None:
            raise ValueError(f"{kind!r} is no type of a field")
        item = "any" if "any" in kind else parsed.item
        field = self.proto.field.add(name=name, number=len(self.proto.field) + 1, label=_F.LABEL_OPTIONAL)
        if parsed.holds == "one":
            self._set(field, item, message)
            return
        field.label = _F.LABEL_REPEATED
        if parsed.holds == "list":
            self._set(field, item, message)
            return
        entry = self.proto.nested_type.add(name=_entry_name(name))
        entry.options.map_entry = True
        self._set(entry.field.add(name="key", number=1, label=_F.LABEL_OPTIONAL), "string", "")
        self._set(entry.field.add(name="value", number=2, label=_F.LABEL_OPTIONAL), item, message)
        field.type, field.type_name = _F.TYPE_MESSAGE, f".{self.full_name}.{entry.name}"

    def add_fields(self, fields: Mapping[str, Field]) -> "Message":
        """Add the fields of a shape or of an object inside one."""
        for name, field in fields.items():
            if not field.fields:
                self.add(name, field.type)
                continue
            nested = Message(f"Of{len(self.proto.nested_type)}", f"{self.full_name}.Of{len(self.proto.nested_type)}")
            self.proto.nested_type.append(nested.add_fields(field.fields).proto)
            self.add(name, field.type, nested.full_name)
        return self

    def fields(self) -> dict[str, set[str]]:
        """The names of the fields of this message and of those inside it, by full name."""
        found: dict[str, set[str]] = {}

        def note(proto: descriptor_pb2.DescriptorProto, full_name: str) -> None:
            found[full_name] = {field.name for field in proto.field}
            for nested in proto.nested_type:
                note(nested, f"{full_name}.{nested.name}")

        note(self.proto, self.full_name)
        return found

    @staticmethod
    def _set(field: descriptor_pb2.FieldDescriptorProto, item: str, message: str) -> None:
        if item == "object":
            field.type, field.type_name = _F.TYPE_MESSAGE, f".{message}"
        else:
            kind, type_name = _SCALARS[item]
            field.type = kind
            if type_name:
                field.type_name = type_name


def pool(messages: Iterable[Message]) -> descriptor_pool.DescriptorPool:
    """A pool of its own with these messages and the well-known types they use."""
    result = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(name="phasegate/policy.proto", package=PACKAGE, syntax="proto2")
    for module in _WELL_KNOWN:
        result.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
        file.dependency.append(module.DESCRIPTOR.name)
    file.message_type.extend(message.proto for message in messages)
    result.AddSerializedFile(file.SerializeToString())
    return result


def common(policy: Policy) -> list[Message]:
    """What every expression of a policy may name, whatever the evidence."""
    producer = Message("Producer")
    artifact = Message("Artifact")
    record = Message("Record")
    subject = Message("Subject")
    release = Message("Release")
    params = Message("Params")
    for name in ("tool", "version"):
        producer.add(name, "string")
    for name in ("name", "sha256"):
        artifact.add(name, "string")
    for name in ("collected_at", "received_at"):
        record.add(name, "timestamp")
    for name in ("submitted_by", "strength", "format"):
        record.add(name, "string")
    record.add("producer", "object", producer.full_name)
    record.add("identity", "map<string,string>")
    for name in ("name", "kind", "team", "title"):
        subject.add(name, "string")
    subject.add("attributes", "map<string,any>")
    release.add("version", "string")
    release.add("predecessor", "string")
    release.add("registered_at", "timestamp")
    release.add("artifacts", "list<object>", artifact.full_name)
    for name, parameter in policy.params.items():
        params.add(name, parameter.type)
    return [producer, artifact, record, subject, release, params]


def of_shape(name: str, shape: Shape) -> list[Message]:
    """The data of a shape, and the same with context and record beside it."""
    data = Message(proto_name(name)).add_fields(shape.fields)
    shown = Message(f"{proto_name(name)}Shown")
    shown.add("evidence", "object", data.full_name)
    shown.add("context", "map<string,string>")
    shown.add("record", "object", f"{PACKAGE}.Record")
    return [data, shown]


def proto_name(shape: str) -> str:
    """A message name that no other shape and no common message has."""
    return "Shape_" + shape.replace("-", "_") + "_"


def _entry_name(field: str) -> str:
    """The name that protocol buffers demand for the entry of a map field."""
    parts = field.split("_")
    return "".join(part[:1].upper() + part[1:] for part in parts) + "Entry"
