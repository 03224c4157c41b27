"""Parameter Store as the function uses it: each call takes effect at one moment, between two waits on the way."""

from botocore.exceptions import ClientError


class ParameterStore:
    """The client, and all parameters with the number of their writes."""

    def __init__(self, travel=lambda: None):
        self.travel = travel
        self.held = {}
        self.calls = 0

    def get_parameter(self, Name):  # noqa: N803 - boto3's names
        value, version = self._at(Name, lambda: self._found(Name))
        return {"Parameter": {"Name": Name, "Value": value, "Version": version}}

    def put_parameter(self, Name, Value, Overwrite, **_):  # noqa: N803
        def put():
            if Name in self.held and not Overwrite:
                raise failed("ParameterAlreadyExists")
            version = self.held.get(Name, ("", 0))[1] + 1
            self.held[Name] = (Value, version)
            return {"Version": version}

        return self._at(Name, put)

    def delete_parameter(self, Name):  # noqa: N803
        def delete():
            self._found(Name)
            del self.held[Name]

        return self._at(Name, delete)

    def _found(self, name):
        if name not in self.held:
            raise failed("ParameterNotFound")
        return self.held[name]

    def _at(self, name, effect):
        assert name.startswith("/iconik-construct/")
        self.calls += 1
        self.travel()
        try:
            return effect()
        finally:
            self.travel()


def failed(code, status=400):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Parameter")
