// biome-ignore-all format: what follows the import is the text of the notes
// biome-ignore-all lint: what follows the import is the text of the notes
// @ts-nocheck: in JavaScript, TypeScript gives no type to the parameter of a function that is assigned to on…
import { WebSocket } from 'hotline'

const socket = new WebSocket("ws://127.0.0.1:8080/echo");

// When connection opens
socket.onopen = function () {
    console.log("Connected to WebSocket server");
    socket.send(JSON.stringify({ type: "hello", message: "Hello Server!" }));
};

// When receiving a message
socket.onmessage = function (event) {
    console.log("Message from server:", event.data);
};

// When an error occurs
socket.onerror = function (error) {
    console.error("WebSocket Error:", error);
};

// When the connection is closed
socket.onclose = function () {
    console.log("WebSocket connection closed");
};
