"""Files of other tools as scenarios: HAR, Postman collections, OpenAPI, cURL lines.

One way through: ``files`` reads a file, a reader (``har``, ``postman``, ``openapi``, ``curl``) makes ``Taken`` of it,
``Recording``s with their requests as ``Call``s; ``assemble`` makes a scenario's text of those.
"""
