FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 MEMORYHUB_DATA_DIR=/data HOST=0.0.0.0
RUN useradd --system --home-dir /data memoryhub && install -d -m 0700 -o memoryhub /data
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --only-binary :all: --require-hashes --requirement requirements.txt

COPY manage.py ./
COPY apps apps
COPY memoryhub memoryhub
COPY templates templates
COPY docs docs
RUN HOST=127.0.0.1 SECRET_KEY=only-for-this-line python manage.py collectstatic --no-input

USER memoryhub
EXPOSE 8000
CMD ["granian", "memoryhub.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", \
     "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", \
     "--log-level", "warning", "--respawn-failed-workers"]
